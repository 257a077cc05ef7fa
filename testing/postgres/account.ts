import { execFileSync, spawnSync } from "node:child_process";
import { chownSync, rmSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The operating-system user that the server runs as, if it is another one than ours. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root. Then it runs as `postgres`, or `nobody` where there is none; no user is made.
 * Undefined means: as the user we are.
 */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ["postgres", "nobody"]) {
    const id = (flag: string) => execFileSync("id", [flag, name], { encoding: "utf8", stdio: "pipe" }).trim();
    try {
      return { uid: Number(id("-u")), gid: Number(id("-g")) };
    } catch {
      // There is no such user here.
    }
  }
  throw new Error("PostgreSQL does not run as root, and there is neither a user postgres nor nobody to run it as.");
}

/** Whether the account can execute the program, or enter the folder, at `path`: every folder above counts, too. */
export function reachable(path: string, account: Account | undefined): boolean {
  return account === undefined || spawnSync("test", ["-x", path], { ...account, cwd: "/" }).status === 0;
}

/** Hands a file or folder to the account. */
export function handOver(path: string, account: Account | undefined): void {
  if (account !== undefined) chownSync(path, account.uid, account.gid);
}

/** A new folder that belongs to the account, in the first of these and the usual temporary folders that it can enter. */
export function temporaryFolder(account: Account | undefined, ...preferred: readonly string[]): string {
  for (const parent of new Set([...preferred, tmpdir(), "/tmp", "/var/tmp"])) {
    const folder = mkdtempSync(join(parent, "wallet-vault-postgres-"));
    handOver(folder, account);
    if (reachable(folder, account)) return folder;
    rmSync(folder, { recursive: true });
  }
  throw new Error(`No temporary folder can be entered by the user PostgreSQL has to run as (uid ${account?.uid}).`);
}
