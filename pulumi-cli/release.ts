import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { projectFolder } from "../launcher/project-folder";

export { projectFolder };

/** The version of the CLI to download or build: that of the SDK in package.json. */
export const wantedVersion = sdkVersion();

/** The oldest CLI on PATH that will do. */
export const oldestVersion = "3.200.0";

function sdkVersion(): string {
  const { dependencies } = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const version = dependencies["@pulumi/pulumi"];
  if (version === undefined || !/^\d+\.\d+\.\d+$/.test(version))
    throw new Error(`package.json must pin @pulumi/pulumi to one version, such as 3.230.0; it says ${version}.`);
  return version;
}

/** Where this project keeps CLIs: `$XDG_CACHE_HOME/wallet-vault`, or `~/.cache/wallet-vault`. */
export function cacheFolder(): string {
  return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "wallet-vault");
}

/** Whether `version` is of major 3 and not older than `oldest`; both as "3.200.0". */
export function isUsable(version: string, oldest = oldestVersion): boolean {
  const [[major = 0, minor = 0, patch = 0], [, leastMinor = 0, leastPatch = 0]] = [parts(version), parts(oldest)];
  return major === 3 && (minor > leastMinor || (minor === leastMinor && patch >= leastPatch));
}

function parts(version: string): number[] {
  return (/^v?(\d+)\.(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number);
}
