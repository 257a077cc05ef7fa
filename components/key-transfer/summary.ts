import type { ReadBack } from "./read-back";
import { attentionLimit } from "./read-back";
import type { Counts } from "./statements/counts";
import type { Refusal } from "./statements/batch";
import { oneLine, printableId } from "../postgres/printable";
import { conditionName } from "../postgres/sqlstate";
import type { Totals } from "./totals";
import { attentionStates, type State, type StateCounts } from "./wallets";

/**
 * - `complete`: nothing pending, nothing to report
 * - `attention`: nothing pending, but some wallet needs a person
 * - `incomplete`: keys are pending, or a flag could not be put right: interrupted, or refused by the database
 */
export type Status = "complete" | "attention" | "incomplete";

export interface LastRun {
  readonly transferred: number;
  readonly repaired: number;
  readonly refused: number;
  readonly flagsSet: number;
  readonly flagsCleared: number;
  readonly vaultIdsAssigned: number;
  readonly batches: number;
  readonly retries: number;
  readonly durationMs: number;
}

export interface Summary {
  readonly credentials: number;
  readonly states: StateCounts;
  readonly verified: number;
  readonly flagsWrong: number;
  readonly lastRun: LastRun;
}

export interface Attention {
  readonly credentialId: string;
  readonly state: State;
  readonly advice: string;
}

/** What the next stage of a promotion checks. Not secret. */
export interface Receipt {
  readonly revision: string;
  readonly status: Status;
  readonly credentials: number;
  readonly verified: number;
  /** When the wallets were last read back, ISO 8601. */
  readonly at: string;
  /** What a person has looked at and accepts, as configured; only where acceptAttention is set. */
  readonly accepted?: readonly string[];
  /** Whether that covers every wallet in attention. The status stays `attention` all the same. */
  readonly attentionAccepted?: boolean;
}

export function statusOf(counts: Pick<Counts, "states" | "flagsWrong">): Status {
  if (counts.states.pending > 0 || counts.flagsWrong > 0) return "incomplete";
  return attentionStates.some((state) => counts.states[state] > 0) ? "attention" : "complete";
}

export function summaryOf(counts: Counts, lastRun: LastRun): Summary {
  const { credentials, states, verified, flagsWrong } = counts;
  return { credentials, states, verified, flagsWrong, lastRun };
}

export function lastRunOf(totals: Totals, durationMs: number): LastRun {
  const { transferred, repaired, refused, flagsSet, flagsCleared, vaultIdsAssigned, batches, retries } = totals;
  return { transferred, repaired, refused, flagsSet, flagsCleared, vaultIdsAssigned, batches, retries, durationMs };
}

const advice: Readonly<Record<State, string>> = {
  stored: "",
  pending: "",
  conflict:
    "The vault and metadata hold different keys. Find out which one opens the wallet's address, then remove the other.",
  ambiguousSource:
    "metadata holds two different keys. Find out which one opens the wallet's address, then remove the other.",
  unreadableSource:
    "A key path holds something that is not a string. Look at the wallet's metadata and store the key as a string.",
  missingKey: "No key anywhere. Restore it from a backup, or regenerate the wallet.",
};

/** Up to 20 wallets that need a person: first those the database refused, then those in attention; ids, never values. */
export function attentionOf(found: ReadBack, refusals: readonly Refusal[]): Attention[] {
  const refused = refusals.map((refusal): Attention => ({
    credentialId: refusal.id,
    state: "pending",
    advice: `The database refused the vault row: ${refusalReason(refusal)}. Put that right and run again.`,
  }));
  const others = found.inAttention.map((wallet): Attention => ({ ...wallet, advice: advice[wallet.state] }));
  return [...refused, ...others].slice(0, attentionLimit).map((wallet) => ({
    ...wallet,
    credentialId: printableId(wallet.credentialId),
    advice: oneLine(wallet.advice),
  }));
}

/** Why a wallet was left undone: `23514 check_violation, constraint valid_access_level`. */
export function refusalReason({ cause, sqlstate, constraint, holder }: Refusal): string {
  switch (cause) {
    case "modified":
      return "a trigger or rule changed the key or the flag on its way in, or kept it out";
    case "otherRows":
      return "triggers wrote other rows of the two tables as well, or its own more than once, and nobody could say what became of their keys";
    case "locked":
      return `another session had it locked${holder === undefined ? "" : `: ${holder}`}`;
    case "refused":
      return `${sqlstate} ${conditionName(sqlstate)}${constraint === null ? "" : `, ${constraint}`}`;
  }
}
