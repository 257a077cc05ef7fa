import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cleanUpAtExit, forget } from "../cleanup";
import { signal } from "../processes";
import { handOver, type Account } from "./account";

/** What initdb needs to know. */
export interface NewCluster {
  /** The installation: `bin`, `lib`, `share`. */
  readonly programs: string;
  /** A folder that belongs to the account, for the password's file and the data. */
  readonly folder: string;
  readonly account: Account | undefined;
  readonly superuser: string;
  readonly password: string;
  /** Further arguments of initdb. */
  readonly initdb: readonly string[];
}

/** Makes a data folder: UTF-8, locale C, passwords checked by scram-sha-256. */
export async function initdb(cluster: NewCluster, data: string): Promise<void> {
  const passwordFile = join(cluster.folder, "password");
  writeFileSync(passwordFile, `${cluster.password}\n`, { mode: 0o600 });
  handOver(passwordFile, cluster.account);
  try {
    const choices = ["--encoding=UTF8", "--locale=C", "--auth=scram-sha-256", "--no-sync", "--no-instructions"];
    const owner = [`--pgdata=${data}`, `--username=${cluster.superuser}`, `--pwfile=${passwordFile}`];
    await run(cluster, [...owner, ...choices, ...cluster.initdb]);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function run(cluster: NewCluster, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    // A process group of its own, so that this process can end it together with the postgres it starts.
    const child = spawn(join(cluster.programs, "bin", "initdb"), args, {
      ...cluster.account,
      cwd: cluster.folder,
      env: serverEnvironment(),
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    if (child.pid !== undefined) cleanUpAtExit(child, () => void signal(-(child.pid as number), "SIGKILL"));
    let output = "";
    child.stdout.on("data", (text) => (output += text));
    child.stderr.on("data", (text) => (output += text));
    child.once("error", reject);
    child.once("close", (code) => {
      forget(child);
      if (code === 0) resolve();
      else reject(new Error(`initdb failed (exit code ${code}):\n${output.trimEnd()}`));
    });
  });
}

/** Our environment, without what would redirect PostgreSQL (PGDATA, PGPORT, …) or translate its messages. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(PG|LC_|LANG)/.test(name));
  return { ...Object.fromEntries(own), LC_ALL: "C" };
}
