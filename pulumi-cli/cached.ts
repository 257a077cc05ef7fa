import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { withLock } from "../launcher/lock.mjs";
import { buildFromModules } from "./built";
import { downloadOfficial } from "./official";
import type { Log } from "./progress";
import { cacheFolder, wantedVersion } from "./release";

export type Origin = "official" | "built";

export interface Cached {
  readonly bin: string;
  readonly origin: Origin;
}

/** What a build is made by, beside its version: a CLI built by anything else is another one. */
const recipe = ["built.ts", "cli/go.mod", "cli/go.sum", "language/go.mod", "language/go.sum", "language/tools.go"];

/** The folder of the CLI for this machine, in the cache folder. */
export function cacheEntry(): string {
  const digest = createHash("sha256");
  for (const file of recipe) digest.update(readFileSync(join(__dirname, file)));
  const made = digest.digest("hex").slice(0, 12);
  return join(cacheFolder(), `pulumi-${wantedVersion}-${process.platform}-${process.arch}-${made}`);
}

/** The CLI of the cache folder: a folder of that name is complete, since it got its name when it was. */
export function cachedPulumi(): Cached | undefined {
  const entry = cacheEntry();
  const originFile = join(entry, "origin");
  if (!existsSync(originFile)) return undefined;
  return { bin: join(entry, "bin"), origin: readFileSync(originFile, "utf8").trim() as Origin };
}

/** Puts a CLI into the cache folder: the official one, else one built from its Go modules. */
export async function fillCache(log: Log): Promise<Cached> {
  makeCacheFolder();
  const entry = cacheEntry();
  return withLock(
    `${entry}.lock`,
    async () => cachedPulumi() ?? (await obtain(entry, log)),
    () => log("Waiting for another process that fetches the Pulumi CLI…"),
  );
}

function makeCacheFolder(): void {
  try {
    mkdirSync(cacheFolder(), { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`There is no place for a Pulumi CLI: ${reason}. Set XDG_CACHE_HOME to a folder to write to.`, {
      cause: error,
    });
  }
}

async function obtain(entry: string, log: Log): Promise<Cached> {
  removeUnfinished(entry);
  const reasons: string[] = [];
  const ways: Record<Origin, (bin: string, folder: string) => Promise<void>> = {
    official: (bin, folder) => downloadOfficial(bin, folder, log),
    built: (bin) => buildFromModules(bin, log),
  };
  for (const origin of ["official", "built"] as const) {
    const folder = mkdtempSync(`${entry}.partial-`);
    try {
      const complete = join(folder, "complete");
      mkdirSync(complete);
      await ways[origin](join(complete, "bin"), folder);
      writeFileSync(join(complete, "origin"), `${origin}\n`);
      renameSync(complete, entry);
      return cachedPulumi() as Cached;
    } catch (error) {
      reasons.push(`${origin}: ${error instanceof Error ? error.message : String(error)}`);
      log(`No ${origin} Pulumi CLI: ${error instanceof Error ? error.message : String(error)}.`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const advice = "Install Pulumi (https://www.pulumi.com/docs/install/), or Go 1.25.8 or later, and try again.";
  throw new Error(["There is no Pulumi CLI to use.", ...reasons.map((reason) => `- ${reason}`), advice].join("\n"));
}

/** What processes have left that were killed here. Only for the holder of the lock: nobody else is at work. */
function removeUnfinished(entry: string): void {
  for (const name of readdirSync(cacheFolder()))
    if (name.startsWith(`${basename(entry)}.partial-`))
      rmSync(join(cacheFolder(), name), { recursive: true, force: true });
}
