import { execFileSync } from "node:child_process";
import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { isUsable, oldestVersion } from "./release";

const languageHost = "pulumi-language-nodejs";

/** A CLI found on PATH, or the reason why the one that is there will not do (undefined: there is none). */
export type OnPath = { command: string; version: string } | { passedOver: string | undefined };

/** Looks for a `pulumi` on PATH that is new enough and can run Node.js programs. */
export function pulumiOnPath(path = process.env["PATH"] ?? ""): OnPath {
  const command = which("pulumi", path);
  if (command === undefined) return { passedOver: undefined };
  const version = versionOf(command);
  if (version === undefined) return { passedOver: `${command} does not tell its version` };
  if (!isUsable(version))
    return { passedOver: `${command} is version ${version}; ${oldestVersion} or later of major 3 is needed` };
  const beside = dirname(realpathSync(command));
  if (which(languageHost, path) === undefined && which(languageHost, beside) === undefined)
    return { passedOver: `${command} comes without ${languageHost}, which is neither on PATH nor in ${beside}` };
  return { command, version };
}

/** The version without its leading v; undefined if the program does not print one. */
export function versionOf(command: string): string | undefined {
  try {
    const output = execFileSync(command, ["version"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      timeout: 20_000,
      // Or it asks the network for a newer version first.
      env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" },
    });
    return /^v?(\d+\.\d+\.\d+\S*)\s*$/.exec(output.trim())?.[1];
  } catch {
    return undefined;
  }
}

/** The first executable file of that name in the folders of `path`. */
export function which(name: string, path: string): string | undefined {
  const files = path.split(delimiter).flatMap((folder) => (folder === "" ? [] : [join(folder, name)]));
  return files.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return statSync(file).isFile();
    } catch {
      return false;
    }
  });
}
