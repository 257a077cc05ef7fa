// `npm run promote -- <stages>`: see arguments.ts, or --help.
import { fstatSync } from "node:fs";
import { pulumiCli } from "../pulumi-cli/pulumi-cli";
import { type StopFile, stopFile } from "../pulumi-cli/stop-file";
import { optionsOf, UsageError, type Options } from "./arguments";
import { confirmer } from "./confirm";
import { consoleSummary, type SummaryOptions } from "./console-summary";
import { help } from "./help";
import { onInterrupt } from "./interrupt";
import { stagesAtOnce } from "./machine";
import { notThrough } from "./only-failed";
import { progressOn } from "./progress";
import { writeReports } from "./report/files";
import { exitCode, isOk, toJson, type PromotionReport } from "./result";
import { openStack, stackNames } from "./stack";
import { isPattern, stacksOf } from "./stack-names";
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
  process.stdout.write(options.json ? `${toJson(report)}\n` : `\n${consoleSummary(report, summaryOptions())}`);
  return exitCode(report);
}

function summaryOptions(): SummaryOptions {
  const [out, progress] = [fstatSync(1), fstatSync(2)];
  const told = out.dev === progress.dev && out.ino === progress.ino;
  return { told, ...(process.stdout.isTTY && { columns: process.stdout.columns || 80 }) };
}

/** @param folder of the project: where Pulumi.yaml is */
async function promotion(options: Options, folder: string, transfers: StopFile): Promise<PromotionReport> {
  const { previewOnly, yes, onlyFailed } = options;
  const [start, startedAt] = [performance.now(), new Date().toISOString()];
  const progress = progressOn(process.stderr);
  const { stop, forward } = onInterrupt(() => {
    transfers.request();
    progress.say("Interrupted: running updates end in good order; no further stage is started.");
  });
  const ask = confirmer(yes, stop, progress.alone);
  const given = onlyFailed === undefined ? options.waves : notThrough(onlyFailed);
  const stacks = given.flat().some(isPattern) ? stacksOf(given, await stackNames(folder)) : given;
  const waves = await runWaves({
    options: { ...options, waves: stacks, parallel: options.parallel ?? stagesAtOnce() },
    open: (name) => {
      progress.step(name, "open");
      return openStack(name, folder).finally(() => progress.left(name));
    },
    contextOf: (name) => ({ previewOnly, stop, forward, ask, say: (line) => progress.step(name, line) }),
    stop,
    ended: progress.ended,
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
