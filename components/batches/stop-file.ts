import { existsSync } from "node:fs";

/**
 * Names a file. Once it exists, a run ends after its batch, with status `incomplete` and the numbers so far.
 *
 * Pulumi tells a dynamic provider nothing of a Ctrl-C, but hands it the environment of the CLI.
 */
export const stopFileVariable = "WALLET_VAULT_STOP_FILE";

/** The file that asks for it, or undefined while nobody does. */
export function requestedStopFile(): string | undefined {
  const file = process.env[stopFileVariable];
  return file !== undefined && file !== "" && existsSync(file) ? file : undefined;
}
