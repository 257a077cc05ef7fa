import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "../lock.mjs";
import { buildFromModules } from "./built";
import { downloadOfficial } from "./official";
import type { Log } from "./progress";
import { cacheFolder, wantedVersion } from "./release";

export type Origin = "official" | "built";

export interface Cached {
  readonly bin: string;
  readonly origin: Origin;
}

const entry = () => join(cacheFolder(), `pulumi-${wantedVersion}`);

/** The CLI of the cache folder: a folder of that name is complete, since it got its name when it was. */
export function cachedPulumi(): Cached | undefined {
  const originFile = join(entry(), "origin");
  if (!existsSync(originFile)) return undefined;
  return { bin: join(entry(), "bin"), origin: readFileSync(originFile, "utf8").trim() as Origin };
}

/** Puts a CLI into the cache folder: the official one, else one built from its Go modules. */
export async function fillCache(log: Log): Promise<Cached> {
  mkdirSync(cacheFolder(), { recursive: true });
  return withLock(
    `${entry()}.lock`,
    async () => cachedPulumi() ?? (await obtain(log)),
    () => log("Waiting for another process that fetches the Pulumi CLI…"),
  );
}

async function obtain(log: Log): Promise<Cached> {
  const reasons: string[] = [];
  const ways: Record<Origin, (bin: string, folder: string) => Promise<void>> = {
    official: (bin, folder) => downloadOfficial(bin, folder, log),
    built: (bin) => buildFromModules(bin, log),
  };
  for (const origin of ["official", "built"] as const) {
    const folder = mkdtempSync(`${entry()}.partial-`);
    try {
      const complete = join(folder, "complete");
      mkdirSync(complete);
      await ways[origin](join(complete, "bin"), folder);
      writeFileSync(join(complete, "origin"), `${origin}\n`);
      renameSync(complete, entry());
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
