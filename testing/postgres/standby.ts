import { execFileSync } from "node:child_process";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { handOver, type Account } from "./account";

/** The server that a standby is to follow; it must be stopped, so that its files can simply be copied. */
export interface Primary {
  readonly dataFolder: string;
  readonly port: number;
  readonly superuser: string;
  readonly password: string;
  readonly pid: number | undefined;
}

/** Makes a data folder that follows the primary by streaming replication (manual, 26.2). Returns its path. */
export function standbyData(primary: Primary, folder: string, account: Account | undefined): string {
  if (primary.pid !== undefined) throw new Error("Stop the primary before its data are copied.");
  const data = join(folder, "data");
  execFileSync("cp", ["-Rp", primary.dataFolder, data], { ...account, cwd: folder });
  const signal = join(data, "standby.signal");
  writeFileSync(signal, "");
  handOver(signal, account);
  const { port, superuser, password } = primary;
  const conninfo = `host=127.0.0.1 port=${port} user=${superuser} password=${password}`;
  appendFileSync(join(data, "postgresql.auto.conf"), `primary_conninfo = '${conninfo}'\n`);
  return data;
}
