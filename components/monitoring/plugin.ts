import { accessSync, constants, existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { WalletVaultError } from "../postgres/errors";

/** The version that the SDK asks the engine for; the engine takes this one from its cache and no other. */
const { version }: { version: string } = require("@pulumi/postgresql/package.json");

const program = process.platform === "win32" ? "pulumi-resource-postgresql.exe" : "pulumi-resource-postgresql";

/**
 * Says how to get the postgresql plugin where it is needed, missing, and the engine was told not to download it
 * (PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION): there the engine's own message does not say what to do. Everywhere else
 * the engine is left to download it, and its message names the command.
 *
 * @throws WalletVaultError ERR_PLUGIN_MISSING
 */
export function requirePostgresqlPlugin(environment: NodeJS.ProcessEnv = process.env): void {
  if (!isOn(environment["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"]) || postgresqlPlugin(environment)) return;
  throw new WalletVaultError(
    "ERR_PLUGIN_MISSING",
    `createMonitoringReaders and monitoringSchema need the Pulumi plugin for @pulumi/postgresql ${version}, which is not on this machine, and automatic downloads are off.`,
    `Run: npm run pulumi -- plugin install resource postgresql ${version} ` +
      "(without network: add --file with the release archive from github.com/pulumi/pulumi-postgresql), or make the roles and the schema by hand and leave both unset.",
  );
}

/** Where the engine would find the plugin, in its order: on PATH, then in its cache. Undefined where it would not. */
export function postgresqlPlugin(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const ambient = isOn(environment["PULUMI_IGNORE_AMBIENT_PLUGINS"])
    ? []
    : (environment["PATH"] ?? "").split(delimiter);
  const cache = join(environment["PULUMI_HOME"] || join(homedir(), ".pulumi"), "plugins");
  const installed = join(cache, `resource-postgresql-v${version}`);
  // The engine leaves this file beside a download that broke off, and passes over such a plugin.
  const cached = existsSync(`${installed}.partial`) ? [] : [installed];
  return [...ambient.filter((folder) => folder !== ""), ...cached]
    .map((folder) => join(folder, program))
    .find((file) => runs(file));
}

function runs(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** As the engine reads its switches. */
const isOn = (value: string | undefined): boolean => value === "1" || value?.toLowerCase() === "true";
