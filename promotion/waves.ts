import type { Options } from "./arguments";
import { failureOf } from "./failure";
import type { StageReport } from "./result";
import type { StageStack } from "./stack";
import type { StackOutputs } from "./stack-outputs";
import { promoteStage, type StageContext } from "./stage";

export interface PromotionRun {
  readonly options: Options;
  /** Opens a stack that exists; throws StageFailure. */
  readonly open: (name: string) => Promise<StageStack>;
  /** How to promote the stage of that name. */
  readonly contextOf: (name: string) => StageContext;
  /** Called when a stage has ended. */
  readonly ended: (report: StageReport) => void;
}

/** Runs wave after wave until one does not get through; then skips the rest, and reports their last receipts. */
export async function runWaves({ options, open, contextOf, ended }: PromotionRun): Promise<StageReport[][]> {
  const names = options.waves.flat();
  const opened = new Map<string, StageStack>();
  const faults = new Map<string, string>();
  // Opens all stacks before the first stage starts: a misspelt name of production shows before dev changes.
  for (const name of names)
    await open(name).then(
      (stack) => opened.set(name, stack),
      (error: unknown) => faults.set(name, failureOf(error, name).message),
    );
  const gates = [...opened.values()].map(({ promotionMaxAgeHours }) => promotionMaxAgeHours);
  let stopped = faults.size > 0 ? "Not started, because another stage cannot be opened." : undefined;

  const one = async (name: string): Promise<StageReport> => {
    const context = contextOf(name);
    const stack = opened.get(name);
    if (stack === undefined) return blank(name, "failed", faults.get(name) ?? "");
    if (stopped === undefined && context.stop.aborted) stopped = "Not started, because the promotion was interrupted.";
    if (stopped !== undefined) return skipped(stack, stopped);
    const report = await promoteStage(stack, context, proofStaysMinutes(gates));
    if (["failed", "refused", "declined"].includes(report.result) && !options.previewOnly)
      stopped ??= `Not started, because ${name} ${word[report.result as keyof typeof word]}.`;
    return report;
  };

  const waves: StageReport[][] = [];
  for (const wave of options.waves)
    waves.push(
      await sideBySide(wave, options.parallel, async (name) => {
        const report = await one(name);
        ended(report);
        return report;
      }),
    );
  return waves;
}

/** An hour, or half the age that the strictest gate allows: the stages before that gate may take the other half. */
const proofStaysMinutes = (gates: readonly number[]): number => Math.min(60, ...gates.map((hours) => hours * 30));

const word = { failed: "failed", refused: "was refused", declined: "was declined" };

/** A skipped stage, as its last update left it. */
async function skipped(stack: StageStack, reason: string): Promise<StageReport> {
  const { summary, receipt = null, attention = [] } = await stack.outputs().catch((): StackOutputs => ({}));
  const lastRun = summary?.lastRun ?? null;
  return { ...blank(stack.name, "skipped", reason), states: summary?.states ?? null, lastRun, receipt, attention };
}

function blank(stack: string, result: "failed" | "skipped", reason: string): StageReport {
  const unknown = { before: null, states: null, lastRun: null, updated: false, receipt: null, attention: [] };
  return { stack, result, reason, ...unknown, seconds: 0 };
}

/** Works on all, at most `limit` at a time; returns the results in the order of the items. */
async function sideBySide<T, R>(all: readonly T[], limit: number, work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = [...all.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: limit }, worker));
  return results;
}
