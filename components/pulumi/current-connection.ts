import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { WalletVaultError } from "../postgres/errors";
import { configuredDatabaseUrl } from "./provider-config";
import { type RunningCli, runningCli } from "./running-cli";

/** How long the CLI may take to tell its configuration, in milliseconds: an environment of ESC may have to be opened. */
const cliTimeoutMs = 30_000;

let verdict: Promise<void> | undefined;

/**
 * Refuses to read or delete over a connection that is no longer the configured one.
 *
 * For `refresh` and `destroy`, and what `--refresh` adds to other commands, the engine configures providers from the
 * state, that is, as the last update had them. After a move, the views of the old database would be dropped, and its
 * wallets counted as if they were those of the new one. What is configured now is told to the program only; so the CLI is
 * asked. Where it does not answer, as without a passphrase in the environment, nothing is known, and nothing refused.
 *
 * @throws WalletVaultError ERR_CONFIGURATION
 */
export function requireCurrentConnection(): Promise<void> {
  verdict ??= compare(configuredDatabaseUrl(), runningCli());
  return verdict;
}

async function compare(used: string, cli: RunningCli | undefined): Promise<void> {
  if (cli === undefined || runsProgram(cli.args)) return;
  const configured = await configuredUrl(cli);
  if (configured === undefined || configured === used) return;
  throw new WalletVaultError(
    "ERR_CONFIGURATION",
    "databaseUrl was changed since the last update, and this command would still use the one of then: Pulumi takes it from the state.",
    "Add --run-program, as npm run pulumi does by itself, or run up without --refresh first. Nothing was changed.",
  );
}

/** Then the program has registered the provider, with the configuration of now. */
export function runsProgram(args: readonly string[], environment = process.env): boolean {
  const said = args.filter((arg) => /^--run-program(=|$)/.test(arg)).at(-1);
  const value = said === undefined ? environment["PULUMI_RUN_PROGRAM"] : (said.split("=")[1] ?? "true");
  return /^(1|t|true)$/i.test(value ?? "");
}

/** Which stack's configuration is meant, in the words of the command that runs. */
export function stackArguments(args: readonly string[]): string[] {
  return ["--stack", "--config-file"].flatMap((flag) => {
    const value = valueOf(args, flag) ?? (flag === "--stack" ? valueOf(args, "-s") : undefined);
    return value === undefined ? [] : [flag, value];
  });
}

async function configuredUrl({ executable, args, folder }: RunningCli): Promise<string | undefined> {
  try {
    const command = ["config", "get", "databaseUrl", ...stackArguments(args), "--non-interactive"];
    const env = { ...process.env, PULUMI_SKIP_UPDATE_CHECK: "true" };
    const { stdout } = await promisify(execFile)(executable, command, { cwd: folder, env, timeout: cliTimeoutMs });
    return stdout.replace(/\r?\n$/, "");
  } catch {
    // Whatever went wrong: its text may hold what was asked for.
    return undefined;
  }
}

/** `--stack dev` or `--stack=dev`; the last one counts. */
function valueOf(args: readonly string[], flag: string): string | undefined {
  const at = args.lastIndexOf(flag);
  return at >= 0 ? args[at + 1] : args.findLast((arg) => arg.startsWith(`${flag}=`))?.slice(flag.length + 1);
}
