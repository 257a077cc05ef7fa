import type { StateCounts } from "../components/key-transfer/wallets";
import { isYounger } from "../components/receipt/age";
import type { Observation } from "./events";
import { StageFailure } from "./failure";
import type { Result, StageReport } from "./result";
import { whyRefused } from "./refusal";
import type { Outputs, Run, StageStack } from "./stack";
import { whyNoProof } from "./verdict";
import { planInWords, plural, standing } from "./words";

/** How a stage is led, and whom it tells. */
export interface Conduct {
  readonly previewOnly: boolean;
  /** Set when a person interrupts: nothing new may begin. */
  readonly stop: AbortSignal;
  /** Set when a running command is to be told to end. */
  readonly forward: AbortSignal;
  /** Told each step, and what providers report. */
  readonly say: (line: string) => void;
  /** Shows a plan and asks, before anything is changed; "nobody" where there is no one to ask. */
  readonly ask: (plan: string, question: string) => Promise<"yes" | "no" | "nobody">;
}

/** Updates that a stage gets until nothing is left to do: a live system may store a new key between two looks. */
const rounds = 3;

/**
 * Takes one stage through: preview, gate, question, update, proof. Never throws.
 *
 * @param proofStaysMinutes a proof this old, or one from the future, is made again although nothing is to be done
 */
export async function promoteStage(stack: StageStack, conduct: Conduct, proofStaysMinutes = 60): Promise<StageReport> {
  const [start, startedAt] = [performance.now(), Date.now()];
  let before: StateCounts | null = null;
  let began = false;
  const end = async (result: Result, reason: string, left?: Outputs): Promise<StageReport> => {
    const recorded = await stack.outputs().catch((): Outputs => ({}));
    // Outputs of an earlier update say nothing of now, unless nothing has changed since; the look before it does, until
    // an update begins.
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
    const { plan, refresh } = await planOf(stack, conduct, proofStaysMinutes);
    before = plan.survey?.states ?? null;
    const words = planInWords(plan.survey, plan.changes);
    const refusal = whyRefused(plan.changes, stack.name);
    if (refusal !== undefined) return await end("refused", refusal);
    if (conduct.previewOnly) {
      if (plan.changes.length > 0) return await end("skipped", `Preview only. ${words}`);
      const fault = whyNoProof(await stack.outputs(), stack.name);
      return fault === undefined ? await end("unchanged", `Nothing to do. ${words}`) : await end("failed", fault);
    }
    if (plan.changes.length > 0) {
      conduct.say(words);
      const answer = await conduct.ask(`${stack.name}  ${words}`, `Update ${stack.name}?`);
      if (conduct.stop.aborted) throw stopped();
      if (answer === "nobody")
        return await end(
          "declined",
          "Nobody can be asked, because this is no terminal. Say --yes to agree beforehand.",
        );
      if (answer === "no") return await end("declined", "Declined. Nothing was changed.");
    }
    began = true;
    const outs = await proven(stack, conduct, plan.changes.length > 0, refresh);
    return await end(...praise(plan, outs));
  } catch (error) {
    if (error instanceof StageFailure)
      return end(error.result, afterInterrupt(conduct.stop) + error.message, error.left);
    const name = error instanceof Error ? error.name : typeof error;
    return end("failed", `Something unexpected happened (${name}). Promote again; if it stays, report it.`);
  }
}

/** What an update would do; with a look at the live database where the proof is to be renewed. */
async function planOf(
  stack: StageStack,
  conduct: Conduct,
  proofStaysMinutes: number,
): Promise<{ plan: Observation; refresh: boolean }> {
  conduct.say("preview");
  const run = runOf(conduct, false);
  const plan = await stack.preview(run);
  if (plan.changes.length > 0 || conduct.previewOnly) return { plan, refresh: false };
  const { receipt } = await stack.outputs();
  if (isYounger(receipt?.at, proofStaysMinutes)) return { plan, refresh: false };
  conduct.say("the proof is to be renewed: preview with a look at the live database");
  return { plan: await stack.preview({ ...run, refresh: true }), refresh: true };
}

/** Updates until a preview shows no change. Returns what proves it. */
async function proven(stack: StageStack, conduct: Conduct, changes: boolean, refresh: boolean): Promise<Outputs> {
  let [toDo, look] = [changes || refresh, refresh];
  for (let round = 1; ; round++) {
    if (conduct.stop.aborted) throw stopped();
    if (toDo) {
      conduct.say(changes ? "update" : "renew the proof");
      await stack.update(runOf(conduct, look));
    }
    const outputs = await stack.outputs();
    const fault = whyNoProof(outputs, stack.name);
    if (fault !== undefined) throw new StageFailure("failed", fault);
    if (!toDo) return outputs;
    conduct.say("preview again: nothing may be left");
    const rest = await stack.preview(runOf(conduct, false));
    if (rest.changes.length === 0) return outputs;
    const left = planInWords(rest.survey, rest.changes);
    const refusal = whyRefused(rest.changes, stack.name);
    if (refusal !== undefined) throw new StageFailure("refused", refusal);
    if (round === rounds)
      throw new StageFailure("failed", `After ${rounds} updates a preview still shows changes. ${left} Promote again.`);
    conduct.say(`still to do: ${left}`);
    [toDo, look] = [true, false];
  }
}

function praise(plan: Observation, { summary, receipt }: Outputs): [Result, string] {
  if (summary === undefined) return ["failed", "There is no summary."];
  const accepted = receipt?.attentionAccepted === true && receipt.status === "attention" ? " (accepted)" : "";
  const now = `${plural(summary.credentials, "wallet")}: ${standing(summary.states)}${accepted}.`;
  if (plan.changes.length === 0) return ["unchanged", `Nothing to do, and proven. ${now}`];
  return ["promoted", `${plural(summary.lastRun.transferred, "key")} moved. ${now}`];
}

function runOf({ say, forward }: Conduct, refresh: boolean): Run {
  return { refresh, say, signal: forward };
}

const stopped = () => new StageFailure("failed", "Stopped before the update.");

const afterInterrupt = (signal: AbortSignal): string =>
  signal.aborted ? "Interrupted. What was moved stays moved; run the same command again to go on. " : "";
