import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { cleanUpAtExit, deleteFolder, forget } from "../cleanup";
import { type Account, handOver, reachable, serverAccount, temporaryFolder } from "./account";
import { installation, type Major } from "./binaries";
import { initdb, type NewCluster } from "./initdb";
import type { ServerOptions } from "./options";

/** Names the folder of the templates to the processes of a test run. */
const variable = "WALLET_VAULT_CLUSTER_TEMPLATES";
const passwordFile = "password";

/** The data folder of one major that was never started, made when it is first asked for. */
export interface Template {
  readonly major: Major;
  readonly folder: string;
  /** Of every copy: the data hold it. */
  readonly password: string;
}

/**
 * The template for a server started with these options, in a process whose environment says that there are some. None
 * where the options ask for something of their own. Copies share what tells clusters apart, the system identifier.
 */
export function templateFor(options: ServerOptions, major: Major): Template | undefined {
  const folder = process.env[variable];
  const { superuser = "postgres", password, initdb: choices = [], standbyOf } = options;
  if (folder === undefined || superuser !== "postgres" || password !== undefined) return undefined;
  if (choices.length > 0 || standbyOf !== undefined) return undefined;
  return { major, folder, password: readFileSync(join(folder, passwordFile), "utf8") };
}

/** Copies the template to `data`: a tenth of the work of initdb. Several processes may do so at once. */
export async function copyTemplate(template: Template, cluster: NewCluster, data: string): Promise<void> {
  const original = join(template.folder, String(template.major));
  if (!existsSync(original)) await makeTemplate(template.folder, cluster, original);
  await promisify(execFile)("cp", ["-Rp", original, data]);
}

async function makeTemplate(folder: string, cluster: NewCluster, original: string): Promise<void> {
  const own = mkdtempSync(join(folder, "new-"));
  handOver(own, cluster.account);
  await initdb({ ...cluster, folder: own }, join(own, "data"));
  try {
    renameSync(join(own, "data"), original);
  } catch (error) {
    // Another process was first: its template is as good.
    if (!existsSync(original)) throw error;
  }
  rmSync(own, { recursive: true });
}

/** Where copies go: beside the templates. */
export const placeOf = (template: Template | undefined): string[] =>
  template === undefined ? [] : [dirname(template.folder)];

/** Lets the processes that get this environment copy their clusters, until `remove`. */
export function clusterTemplates(): { readonly env: Readonly<Record<string, string>>; remove(): void } {
  const account = serverAccount();
  const folder = temporaryFolder(account, ...inMemory(account));
  writeFileSync(join(folder, passwordFile), randomBytes(18).toString("base64url"), { mode: 0o600 });
  const owner = {};
  cleanUpAtExit(owner, () => deleteFolder(folder));
  return {
    env: { [variable]: folder },
    remove() {
      forget(owner);
      deleteFolder(folder);
    },
  };
}

/** More than the servers of a run ever hold at once. */
const enoughBytes = 4 * 2 ** 30;

/**
 * A file system in memory, if there is a large one: making a database is 300 files, which takes four times the processor
 * time on ext4, and waits there for whatever else is written to the disk. Not where every server needs a copy of the programs,
 * which are links on a disk.
 */
function inMemory(account: Account | undefined): string[] {
  if (!reachable(join(installation(18), "bin", "postgres"), account)) return [];
  const place = "/dev/shm";
  try {
    const { bavail, bsize, type } = statfsSync(place);
    const tmpfs = 0x01021994;
    return type === tmpfs && bavail * bsize > enoughBytes ? [place] : [];
  } catch {
    return [];
  }
}
