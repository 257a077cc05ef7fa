import { identityAttention, type IdentityCounts } from "../key-identity/findings";
import { plural } from "../format";
import { conditionName } from "../postgres/sqlstate";
import type { Refusal } from "./sql/batch";
import type { WalletCounts } from "./sql/state-counts";
import type { Totals } from "./totals";
import { attentionStates, type State, type StateCounts } from "./states";

/**
 * - `complete`: nothing pending, nothing to report
 * - `attention`: nothing pending, but some wallet needs a person
 * - `incomplete`: keys are pending, or not proven with proveIdentity, or a flag could not be put right: interrupted, or refused
 *   by the database; or there are fewer wallets, or fewer keys to compare, than the run itself left
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
  /** What proofs found for the stored wallets; only with proveIdentity. */
  readonly identity?: IdentityCounts;
  readonly lastRun: LastRun;
}

export interface Attention {
  readonly credentialId: string;
  readonly state: State;
  /** What a proof found, where that is why the wallet is listed; only with proveIdentity. */
  readonly finding?: (typeof identityAttention)[number];
  readonly advice: string;
}

/** What a run cannot explain. Applications may be the cause; then the next run does not find it again. */
export interface Lost {
  /** How many fewer wallets there are than when the run began. A wallet that went and another that came go unnoticed. */
  readonly wallets: number;
  /** Keys that the run moved and compared, and that the read-back could not compare again. */
  readonly comparisons: number;
}

export const nothingLost: Lost = { wallets: 0, comparisons: 0 };

export function lostBetween(before: { credentials: number }, after: WalletCounts, { transferred }: LastRun): Lost {
  return {
    wallets: Math.max(0, before.credentials - after.credentials),
    comparisons: Math.max(0, transferred - after.verified),
  };
}

export function statusOf(
  { states, flagsWrong, identity }: Pick<WalletCounts, "states" | "flagsWrong" | "identity">,
  lost: Lost = nothingLost,
): Status {
  if (states.pending > 0 || flagsWrong > 0 || lost.wallets > 0 || lost.comparisons > 0) return "incomplete";
  if (identity !== undefined && identity.unproven > 0) return "incomplete";
  return attentionCounts({ states, identity }).some(([, wallets]) => wallets > 0) ? "attention" : "complete";
}

/** How many wallets need a person, by state and by what proofs found. */
export const attentionCounts = ({
  states,
  identity,
}: {
  readonly states: StateCounts;
  readonly identity?: IdentityCounts | undefined;
}): [name: string, wallets: number][] => [
  ...attentionStates.map((state): [string, number] => [state, states[state]]),
  ...(identity === undefined ? [] : identityAttention.map((found): [string, number] => [found, identity[found]])),
];

/** The same with the wallets whose keys are pending, which come first. */
export const openCounts = (found: Parameters<typeof attentionCounts>[0]): [name: string, wallets: number][] => [
  ["pending", found.states.pending],
  ...attentionCounts(found),
];

/** Why it is `incomplete`, with the causes that are known. */
export function reasonOf(counts: WalletCounts, lost: Lost, causes: readonly string[]): string {
  const { states, flagsWrong, identity } = counts;
  const unproven = identity?.unproven ?? 0;
  const parts = [
    states.pending > 0 ? `${plural(states.pending, "key")} pending` : "",
    flagsWrong > 0 ? `${plural(flagsWrong, "flag")} wrong` : "",
    ...lostParts(lost),
    unproven > 0 ? `${plural(unproven, "wallet")} not proven` : "",
  ].filter((part) => part !== "");
  return [...(parts.length > 0 ? [`${parts.join(", ")}.`] : []), ...new Set(causes)].join(" ");
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
  const { credentials, states, verified, flagsWrong, identity } = counts;
  return { credentials, states, verified, flagsWrong, ...(identity === undefined ? {} : { identity }), lastRun };
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
