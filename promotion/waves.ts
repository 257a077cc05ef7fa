import type { Options } from "./arguments";
import { failureOf } from "./failure";
import type { Result, StageReport } from "./result";
import type { StageStack } from "./stack";
import type { StackOutputs } from "./stack-outputs";
import { promoteStage, type StageContext } from "./stage";

/** How the stages of a promotion are run. */
export type WaveOptions = Pick<Options, "previewOnly" | "canary" | "maxFailures"> & {
  readonly waves: readonly (readonly string[])[];
  /** Stages of one wave that run at the same time. */
  readonly parallel: number;
};

export interface PromotionRun {
  readonly options: WaveOptions;
  /** Opens a stack that exists; throws StageFailure. */
  readonly open: (name: string) => Promise<StageStack>;
  /** How to promote the stage of that name. */
  readonly contextOf: (name: string) => StageContext;
  /** Set when a person interrupts: nothing new may begin. */
  readonly stop: AbortSignal;
  /** Called when a stage has ended. */
  readonly ended: (report: StageReport) => void;
}

/** Runs wave after wave until one does not get through; then skips the rest, and reports their last receipts. */
export async function runWaves({ options, open, contextOf, stop, ended }: PromotionRun): Promise<StageReport[][]> {
  const { parallel, maxFailures } = options;
  const opened = new Map<string, StageStack>();
  const faults = new Map<string, string>();
  // Opens all stacks before the first stage starts: a misspelt name of production shows before dev changes.
  await sideBySide(options.waves.flat(), parallel, async (name) => {
    if (stop.aborted) return;
    await open(name).then(
      (stack) => opened.set(name, stack),
      (error: unknown) => faults.set(name, failureOf(error, name).message),
    );
  });
  const gates = [...opened.values()].map(({ promotionMaxAgeHours }) => promotionMaxAgeHours);
  let stopped = faults.size > 0 ? "Not started, because another stage cannot be opened." : undefined;
  // A command that is ended by the interrupt says nothing of its stack.
  if (stop.aborted) faults.clear();

  const one = async (name: string): Promise<StageReport> => {
    const [stack, fault] = [opened.get(name), faults.get(name)];
    if (fault !== undefined) return blank(name, "failed", fault);
    if (stop.aborted) return blank(name, "skipped", "Not started, because the promotion was interrupted.");
    if (stack === undefined || stopped !== undefined) return skipped(name, stack, stopped ?? "Not started.");
    return promoteStage(stack, contextOf(name), proofStaysMinutes(gates));
  };
  const waves: StageReport[][] = [];
  for (const wave of options.waves) {
    const reports: StageReport[] = [];
    const failures: string[] = [];
    const groups = options.canary ? [wave.slice(0, 1), wave.slice(1)] : [wave];
    for (const [index, group] of groups.entries()) {
      // Nothing may follow a canary that failed, and so many others.
      const tolerated = index < groups.length - 1 ? 0 : maxFailures;
      const part = await sideBySide(group, parallel, async (name) => {
        const report = await one(name);
        if (!options.previewOnly && isFailure(report.result)) {
          failures.push(`${name} ${word[report.result]}`);
          if (failures.length > tolerated) stopped ??= `Not started, because ${failures.at(-1)}.`;
        }
        ended(report);
        return report;
      });
      reports.push(...part);
    }
    // The next wave asks for a proof of all of this one.
    if (failures.length > 0) stopped ??= `Not started, because ${failures[0]}.`;
    waves.push(reports);
  }
  return waves;
}

/** An hour, or half the age that the strictest gate allows: the stages before that gate may take the other half. */
const proofStaysMinutes = (gates: readonly number[]): number => Math.min(60, ...gates.map((hours) => hours * 30));

const word = { failed: "failed", refused: "was refused", declined: "was declined" };

const isFailure = (result: Result): result is keyof typeof word => result in word;

/** A skipped stage, as its last update left it. */
async function skipped(name: string, stack: StageStack | undefined, reason: string): Promise<StageReport> {
  const outputs: StackOutputs = (await stack?.outputs().catch(() => undefined)) ?? {};
  const { summary, receipt = null, attention = [] } = outputs;
  const lastRun = summary?.lastRun ?? null;
  return { ...blank(name, "skipped", reason), states: summary?.states ?? null, lastRun, receipt, attention };
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
