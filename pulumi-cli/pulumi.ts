// `npm run pulumi -- <arguments>`: the Pulumi CLI, in the project folder.
import { inForeground } from "../launcher/foreground.mjs";
import { pulumiCli } from "./pulumi-cli";
import { projectFolder } from "../launcher/project-folder";
import { lastLine } from "./last-line";
import { passphraseFault } from "./passphrase";
import { stopFile } from "./stop-file";

/** Commands that do not run the program unless they are told to. */
const withoutProgram = ["refresh", "destroy"];

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  const fault = passphraseFault(args);
  if (fault !== undefined) throw new Error(fault);
  const { command, env } = await pulumiCli();
  const stop = stopFile();
  if (usesOldConnection(args)) {
    process.stderr.write(
      "The program runs first (--run-program), so that this works on the database that databaseUrl names now, " +
        "and not on that of the last update; --run-program=false leaves it out.\n",
    );
  }
  const last = lastLine();
  return inForeground(command, args, {
    cwd: projectFolder,
    env: { PULUMI_RUN_PROGRAM: "true", ...process.env, ...env, ...stop.env, ...last.env },
    onSignal: () => stop.request(),
    onEnd: () => {
      stop.remove();
      process.stderr.write(last.take());
    },
  });
}

/** Whether Pulumi would configure the providers from the state, if it were not for PULUMI_RUN_PROGRAM. */
function usesOldConnection(args: readonly string[]): boolean {
  if (process.env["PULUMI_RUN_PROGRAM"] !== undefined || args.some((arg) => /^(--run-program|--help|-h)\b/.test(arg)))
    return false;
  const command = args.find((arg) => !arg.startsWith("-"));
  return withoutProgram.includes(command ?? "") || args.some((arg) => /^(--refresh(=true)?|-r)$/.test(arg));
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
