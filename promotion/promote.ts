// `npm run promote -- <stages>`: see arguments.ts, or --help.
import { pulumiCli } from "../pulumi-cli/pulumi-cli";
import { type StopFile, stopFile } from "../pulumi-cli/stop-file";
import { help, optionsOf, UsageError, type Options } from "./arguments";
import { confirmer } from "./confirm";
import { consoleSummary } from "./console-summary";
import { onInterrupt } from "./interrupt";
import { progressOn } from "./progress";
import { writeReports } from "./report/files";
import { exitCode, isOk, toJson, type PromotionReport } from "./result";
import { openStack } from "./stack";
import { runWaves } from "./waves";

async function main(args: readonly string[]): Promise<number> {
  const options = optionsOf(args);
  if (options === "help") {
    process.stdout.write(help);
    return 0;
  }
  const transfers = stopFile();
  process.once("exit", () => transfers.remove());
  // For every Pulumi command from here on, those of the Automation API included.
  Object.assign(process.env, (await pulumiCli()).env, transfers.env);
  const report = await promotion(options, process.cwd(), transfers);
  writeReports(report, options);
  process.stdout.write(options.json ? `${toJson(report)}\n` : `\n${consoleSummary(report)}`);
  return exitCode(report);
}

/** @param folder of the project: where Pulumi.yaml is */
async function promotion(options: Options, folder: string, transfers: StopFile): Promise<PromotionReport> {
  const { previewOnly } = options;
  const [start, startedAt] = [performance.now(), new Date().toISOString()];
  const progress = progressOn(process.stderr);
  const { stop, forward } = onInterrupt(() => {
    transfers.request();
    process.stderr.write("\nInterrupted: the running update ends in good order; no further stage is started.\n");
  });
  const ask = confirmer(options.yes, stop, progress.alone);
  const waves = await runWaves({
    options,
    open: (name) => openStack(name, folder),
    contextOf: (name) => ({ previewOnly, stop, forward, ask, say: (line) => progress.step(name, line) }),
    ended: ({ stack, result, reason }) => progress.ended(stack, `${result}: ${reason}`),
  });
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  return { ok: isOk(waves, previewOnly, stop.aborted), previewOnly, startedAt, seconds, waves };
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    const text = error instanceof Error ? error.message : "Something unexpected happened.";
    process.stderr.write(`${text}\n${error instanceof UsageError ? "\nnpm run promote -- --help says more.\n" : ""}`);
    process.exit(1);
  },
);
