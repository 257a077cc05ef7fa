import { formatNumber, plural } from "../../components/format";
import { type State, type StateCounts, states } from "../../components/key-transfer/states";
import { duration } from "../format";
import type { PromotionReport, StageReport } from "../result";

export const titleOf = ({ ok, previewOnly }: PromotionReport): string =>
  previewOnly ? "Preview of a promotion" : ok ? "Promoted" : "Not promoted all the way";

export interface Share {
  readonly state: State;
  readonly count: number;
  /** Of all wallets, 0 to 100. */
  readonly percent: number;
}

/** The states that have wallets, in the order of their table. */
export function sharesOf(counts: StateCounts): Share[] {
  const total = states.reduce((sum, state) => sum + counts[state], 0);
  return states
    .filter((state) => counts[state] > 0)
    .map((state) => ({ state, count: counts[state], percent: (100 * counts[state]) / total }));
}

/** The figures of the update, as `[number, label]`; empty where there was no update. */
export function movedBy({ updated, lastRun }: StageReport): [string, string][] {
  if (!updated || lastRun === null) return [];
  const figures: [number, string][] = [
    [lastRun.transferred, lastRun.transferred === 1 ? "key moved" : "keys moved"],
    [lastRun.repaired, lastRun.repaired === 1 ? "placeholder replaced" : "placeholders replaced"],
    [lastRun.refused, "refused by the database"],
    [lastRun.flagsSet, lastRun.flagsSet === 1 ? "flag set" : "flags set"],
    [lastRun.flagsCleared, lastRun.flagsCleared === 1 ? "flag cleared" : "flags cleared"],
  ];
  return figures
    .filter(([count], index) => index === 0 || count > 0)
    .map(([count, what]) => [formatNumber(count), what]);
}

/** `3 environments, 1 min 12 s` */
export function extent(stages: number, seconds: number): string {
  return `${plural(stages, "environment")}, ${duration(seconds)}`;
}

export const exposureTitle = (findings: readonly unknown[]): string =>
  `Who can read keys, and where else they are (${formatNumber(findings.length)})`;

/** What the receipt says, as `[name, value]`; nothing where there is none. */
export function receiptOf({ receipt }: StageReport): [string, string][] {
  if (receipt === null) return [];
  const { revision, status, credentials, verified, at, accepted = [], attentionAccepted, reason } = receipt;
  return [
    ["revision", revision],
    ["status", status + (attentionAccepted === true ? ", accepted" : "")],
    ["verified", `${formatNumber(verified)} of ${plural(credentials, "wallet")} compared with their source`],
    ["made", minute(at)],
    ...(accepted.length > 0 ? [["accepted", accepted.join(", ")] satisfies [string, string]] : []),
    ...(reason === undefined ? [] : [["reason", reason] satisfies [string, string]]),
  ];
}

/** `2026-03-10 12:00 UTC` of an ISO 8601 time. */
export const minute = (at: string): string => at.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*Z$/, "$1 $2 UTC");
