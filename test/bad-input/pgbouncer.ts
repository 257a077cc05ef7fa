import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { delimiter, join } from "node:path";
import { handOver, serverAccount, temporaryFolder } from "../../testing/postgres/account";
import { cleanUpAtExit, deleteFolder, forget } from "../../testing/cleanup";
import { freePort } from "../../testing/postgres/port";
import type { PostgresServer } from "../../testing/postgres-server";
import { eventually } from "../support/eventually";

/** The PgBouncer of this machine, or undefined. Debian keeps it where only root looks. */
export const pgbouncer = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"]
  .map((folder) => join(folder, "pgbouncer"))
  .find((file) => existsSync(file));

export interface Pool {
  readonly mode: "session" | "transaction";
  readonly size: number;
}

/** Runs a real PgBouncer in front of a server for as long as `use` takes. */
export async function withPooler<T>(host: PostgresServer, pool: Pool, use: (port: number) => Promise<T>): Promise<T> {
  const account = serverAccount();
  const folder = temporaryFolder(account);
  const [port, file] = [await freePort(), join(folder, "pgbouncer.ini")];
  writeFileSync(
    file,
    `[databases]
* = host=127.0.0.1 port=${host.port} user=${host.superuser} password=${host.password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = ${pool.mode}
default_pool_size = ${pool.size}
ignore_startup_parameters = extra_float_digits
`,
    { mode: 0o600 },
  );
  handOver(file, account);
  const child = spawn(pgbouncer ?? "pgbouncer", [file], { ...account, cwd: folder, stdio: "ignore" });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()).once("error", () => resolve()));
  const stop = () => child.kill("SIGKILL");
  cleanUpAtExit(child, () => {
    stop();
    deleteFolder(folder);
  });
  try {
    await eventually("PgBouncer answers", async () => (await answers(port)) || undefined, ended);
    return await use(port);
  } finally {
    stop();
    await ended;
    forget(child);
    deleteFolder(folder);
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port });
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
