import { plural } from "../format";
import { conditionName } from "../postgres/sqlstate";
import type { Refusal } from "./sql/batch";
import type { WalletCounts } from "./sql/state-counts";
import type { Totals } from "./totals";
import { attentionStates, type State, type StateCounts } from "./states";

/**
 * - `complete`: nothing pending, nothing to report
 * - `attention`: nothing pending, but some wallet needs a person
 * - `incomplete`: keys are pending, or a flag could not be put right: interrupted, or refused by the database; or there are
 *   fewer wallets, or fewer keys to compare, than the run itself left
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

/** What a run cannot answer for. Applications may be the reason, and then the next run finds nothing of it. */
export interface Lost {
  /** By how many there are fewer wallets than when the run began. One that went and another that came are not noticed. */
  readonly wallets: number;
  /** Keys that the run moved and compared, and that the read-back could not compare once more. */
  readonly comparisons: number;
}

export const nothingLost: Lost = { wallets: 0, comparisons: 0 };

export function lostBetween(before: { credentials: number }, after: WalletCounts, { transferred }: LastRun): Lost {
  return {
    wallets: Math.max(0, before.credentials - after.credentials),
    comparisons: Math.max(0, transferred - after.verified),
  };
}

export function statusOf(counts: Pick<WalletCounts, "states" | "flagsWrong">, lost: Lost = nothingLost): Status {
  if (counts.states.pending > 0 || counts.flagsWrong > 0 || lost.wallets > 0 || lost.comparisons > 0)
    return "incomplete";
  return attentionStates.some((state) => counts.states[state] > 0) ? "attention" : "complete";
}

/** Why it is `incomplete`, with the causes that are known. */
export function reasonOf(counts: WalletCounts, lost: Lost, causes: readonly string[]): string {
  const { states, flagsWrong } = counts;
  const parts = [
    states.pending > 0 ? `${plural(states.pending, "key")} pending` : "",
    flagsWrong > 0 ? `${plural(flagsWrong, "flag")} wrong` : "",
    ...lostParts(lost),
  ].filter((part) => part !== "");
  return [`${parts.join(", ")}.`, ...new Set(causes)].join(" ");
}

/** `3 wallets fewer than when the run began` */
export const lostParts = ({ wallets, comparisons }: Lost): string[] => [
  ...(wallets > 0 ? [`${plural(wallets, "wallet")} fewer than when the run began`] : []),
  ...(comparisons > 0
    ? [
        `${plural(comparisons, "key")} moved that cannot be compared any more, because metadata or the vault has changed since`,
      ]
    : []),
];

export function summaryOf(counts: WalletCounts, lastRun: LastRun): Summary {
  const { credentials, states, verified, flagsWrong } = counts;
  return { credentials, states, verified, flagsWrong, lastRun };
}

export function lastRunOf(totals: Totals, durationMs: number): LastRun {
  const { transferred, repaired, refused, flagsSet, flagsCleared, vaultIdsAssigned, batches, retries } = totals;
  return { transferred, repaired, refused, flagsSet, flagsCleared, vaultIdsAssigned, batches, retries, durationMs };
}

/** Why a wallet was left undone: `23514 check_violation, constraint valid_access_level`. */
export function refusalReason({ cause, sqlstate, constraint, holder }: Refusal): string {
  switch (cause) {
    case "modified":
      return "a trigger or rule changed the key or the flag on its way in, or kept it out";
    case "otherRows":
      return "triggers wrote, or tried to write, other rows of the two tables as well, or its own more than once, and nobody could say what became of their keys";
    case "locked":
      return `another session had it locked${holder === undefined ? "" : `: ${holder}`}`;
    case "refused":
      return `${sqlstate} ${conditionName(sqlstate)}${constraint === null ? "" : `, ${constraint}`}`;
  }
}
