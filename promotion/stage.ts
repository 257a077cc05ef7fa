import { plural } from "../components/format";
import type { StateCounts } from "../components/key-transfer/states";
import { isYounger } from "../components/receipt/age";
import type { Observation } from "./events";
import { StageFailure } from "./failure";
import { forbiddenChanges } from "./forbidden-changes";
import { formatPlan, formatStates } from "./format";
import type { Result, StageReport } from "./result";
import type { RunOptions, StageStack } from "./stack";
import type { StackOutputs } from "./stack-outputs";
import { whyNoProof } from "./verdict";

/** How to promote a stage, and where to report and ask. */
export interface StageContext {
  readonly previewOnly: boolean;
  /** Set when a person interrupts: nothing new may begin. */
  readonly stop: AbortSignal;
  /** Set when a running command must end. */
  readonly forward: AbortSignal;
  /** Receives each step, and each line that a provider reports. */
  readonly say: (line: string) => void;
  /** Shows a plan and asks before an update; "nobody" where there is no terminal. */
  readonly ask: (plan: string, question: string) => Promise<"yes" | "no" | "nobody">;
}

/** Updates of a stage until nothing is left to do: a live system may store a new key between two previews. */
const rounds = 3;

/**
 * Takes one stage through: preview, gate, question, update, proof. Never throws.
 *
 * @param proofStaysMinutes a proof this old, or one from the future, is renewed although there is nothing to do
 */
export async function promoteStage(
  stack: StageStack,
  context: StageContext,
  proofStaysMinutes = 60,
): Promise<StageReport> {
  const [start, startedAt] = [performance.now(), Date.now()];
  let before: StateCounts | null = null;
  let began = false;
  const end = async (result: Result, reason: string, left?: StackOutputs): Promise<StageReport> => {
    const recorded = await stack.outputs().catch((): StackOutputs => ({}));
    // Outputs of an earlier update describe the present only if nothing has changed since. Until an update begins, the
    // preview does.
    const ended = recorded.receipt?.unfinished !== true;
    const fresh = result === "unchanged" || (began && ended && Date.parse(recorded.receipt?.at ?? "") >= startedAt);
    const { summary, receipt = null, attention = [] } = fresh ? recorded : (left ?? recorded);
    const states = fresh || left !== undefined ? summary?.states : (before ?? summary?.states);
    const seconds = Math.round((performance.now() - start) / 100) / 10;
    const updated = result !== "unchanged" && (fresh || left !== undefined);
    const lastRun = summary?.lastRun ?? null;
    const known = { before, states: states ?? null, lastRun, updated, receipt, attention };
    return { stack: stack.name, result, reason, ...known, seconds };
  };
  try {
    const { plan, refresh } = await planOf(stack, context, proofStaysMinutes);
    before = plan.survey?.states ?? null;
    const words = formatPlan(plan.survey, plan.changes);
    const refusal = forbiddenChanges(plan.changes, stack.name);
    if (refusal !== undefined) return await end("refused", refusal);
    if (context.previewOnly) {
      if (plan.changes.length > 0) return await end("skipped", `Preview only. ${words}`);
      const fault = whyNoProof(await stack.outputs(), stack.name);
      return fault === undefined ? await end("unchanged", `Nothing to do. ${words}`) : await end("failed", fault);
    }
    if (plan.changes.length > 0) {
      context.say(words);
      const answer = await context.ask(`${stack.name}  ${words}`, `Update ${stack.name}?`);
      if (context.stop.aborted) throw stopped();
      if (answer === "nobody")
        return await end(
          "declined",
          "Nobody can be asked, because this is no terminal. Say --yes to agree beforehand.",
        );
      if (answer === "no") return await end("declined", "Declined. Nothing was changed.");
    }
    began = true;
    const outs = await updateUntilProven(stack, context, plan.changes.length > 0, refresh);
    return await end(...successResult(plan, outs));
  } catch (error) {
    if (error instanceof StageFailure)
      return end(error.result, context.stop.aborted ? afterInterrupt(error.message) : error.message, error.left);
    const name = error instanceof Error ? error.name : typeof error;
    return end("failed", `Something unexpected happened (${name}). Promote again; if it stays, report it.`);
  }
}

/** What an update would do. Where the proof must be renewed, the preview also reads the live database. */
async function planOf(
  stack: StageStack,
  context: StageContext,
  proofStaysMinutes: number,
): Promise<{ plan: Observation; refresh: boolean }> {
  context.say("preview");
  const run = runOf(context, false);
  const plan = await stack.preview(run);
  if (plan.changes.length > 0 || context.previewOnly) return { plan, refresh: false };
  const { receipt } = await stack.outputs();
  if (isYounger(receipt?.at, proofStaysMinutes)) return { plan, refresh: false };
  context.say("the proof is to be renewed: preview with a look at the live database");
  return { plan: await stack.preview({ ...run, refresh: true }), refresh: true };
}

/** Updates until a preview shows no change. Returns what proves it. */
async function updateUntilProven(
  stack: StageStack,
  context: StageContext,
  changes: boolean,
  refresh: boolean,
): Promise<StackOutputs> {
  let [toDo, look] = [changes || refresh, refresh];
  for (let round = 1; ; round++) {
    if (context.stop.aborted) throw stopped();
    if (toDo) {
      context.say(changes ? "update" : "renew the proof");
      await stack.update(runOf(context, look));
    }
    const outputs = await stack.outputs();
    const fault = whyNoProof(outputs, stack.name);
    if (fault !== undefined) throw new StageFailure("failed", fault);
    if (!toDo) return outputs;
    context.say("preview again: nothing may be left");
    const rest = await stack.preview(runOf(context, false));
    if (rest.changes.length === 0) return outputs;
    const left = formatPlan(rest.survey, rest.changes);
    const refusal = forbiddenChanges(rest.changes, stack.name);
    if (refusal !== undefined) throw new StageFailure("refused", refusal);
    if (round === rounds)
      throw new StageFailure("failed", `After ${rounds} updates a preview still shows changes. ${left} Promote again.`);
    context.say(`still to do: ${left}`);
    [toDo, look] = [true, false];
  }
}

function successResult(plan: Observation, { summary, receipt }: StackOutputs): [Result, string] {
  if (summary === undefined) return ["failed", "There is no summary."];
  const accepted = receipt?.attentionAccepted === true && receipt.status === "attention" ? " (accepted)" : "";
  const now = `${plural(summary.credentials, "wallet")}: ${formatStates(summary.states)}${accepted}.`;
  if (plan.changes.length === 0) return ["unchanged", `Nothing to do, and proven. ${now}`];
  return ["promoted", `${plural(summary.lastRun.transferred, "key")} moved. ${now}`];
}

function runOf({ say, forward }: StageContext, refresh: boolean): RunOptions {
  return { refresh, say, signal: forward };
}

const stopped = () => new StageFailure("failed", "Stopped before the update.");

/** That it was cancelled is what the CLI says of an interrupt. */
function afterInterrupt(message: string): string {
  const more = /^(update|preview) cancell?ed$/.test(message) ? "" : ` ${message}`;
  return `Interrupted. What was moved stays moved; run the same command again to go on.${more}`;
}
