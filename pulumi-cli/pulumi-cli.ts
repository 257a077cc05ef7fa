import { dirname, join } from "node:path";
import { cachedPulumi, fillCache } from "./cached";
import { pulumiOnPath, versionOf } from "./on-path";
import { pluginDownloadSettings } from "./plugin-downloads";
import type { Log } from "./progress";

export interface PulumiCli {
  /** Absolute path of the executable. */
  readonly command: string;
  /** Without a leading v. */
  readonly version: string;
  readonly origin: "path" | "official" | "built";
  /** To be merged into the environment that `command` runs in: its own folder comes first on PATH. */
  readonly env: Record<string, string>;
}

/**
 * Finds a Pulumi CLI: the one on PATH; else that of the cache folder, which is filled with the official one if the
 * network allows, or else with one built from its Go modules (once, two to five minutes).
 *
 * With WALLET_VAULT_IGNORE_PATH_PULUMI=1 the one on PATH is passed over. Throws, with every reason, if there is none.
 */
export async function pulumiCli(log: Log = toStandardError): Promise<PulumiCli> {
  const found = fromPath(log);
  if (found !== undefined) return found;
  const cached = cachedPulumi() ?? (await fillCache(log));
  const command = join(cached.bin, "pulumi");
  const version = versionOf(command);
  if (version === undefined) throw new Error(`${command} does not run. Delete ${dirname(cached.bin)} and try again.`);
  const env = { ...environment(cached.bin), ...(await pluginDownloadSettings()) };
  return { command, version, origin: cached.origin, env };
}

function fromPath(log: Log): PulumiCli | undefined {
  if (process.env["WALLET_VAULT_IGNORE_PATH_PULUMI"] === "1") return undefined;
  const found = pulumiOnPath();
  if ("command" in found) return { ...found, origin: "path", env: environment(dirname(found.command)) };
  if (found.passedOver !== undefined) log(`The pulumi on PATH is passed over: ${found.passedOver}.`);
  return undefined;
}

function environment(bin: string): Record<string, string> {
  return { PATH: [bin, process.env["PATH"]].join(":"), PULUMI_SKIP_UPDATE_CHECK: "true" };
}

function toStandardError(line: string): void {
  process.stderr.write(`${line}\n`);
}
