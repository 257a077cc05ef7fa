import type { Finding } from "../components/exposure/finding";
import type { IdentityCounts } from "../components/key-identity/findings";
import type { Attention, LastRun } from "../components/key-transfer/summary";
import type { StateCounts } from "../components/key-transfer/states";
import type { Receipt } from "../components/receipt/receipt";

/**
 * - `promoted`: updated and proven
 * - `unchanged`: nothing was to be done, and it is proven
 * - `refused`: a gate said no before anything was changed
 * - `failed`: an error, or outputs that prove nothing
 * - `declined`: a person said no, or nobody could be asked
 * - `skipped`: an earlier stage did not get through, the promotion was interrupted, or it was a preview only
 */
export type Result = "promoted" | "unchanged" | "refused" | "failed" | "declined" | "skipped";

/** The result of a stage. Numbers, ids and advice only: nothing secret. */
export interface StageReport {
  readonly stack: string;
  readonly result: Result;
  /** For a person: what happened and, after a fault, what to do. */
  readonly reason: string;
  /** The states before the update, where a preview read them. */
  readonly before: StateCounts | null;
  /** The states now, as far as they are known. */
  readonly states: StateCounts | null;
  /** What proofs found for the stored wallets; only with proveIdentity. */
  readonly identity?: IdentityCounts | undefined;
  readonly lastRun: LastRun | null;
  /** Whether `lastRun` is of this promotion, and not of an earlier one. */
  readonly updated: boolean;
  readonly receipt: Receipt | null;
  readonly attention: readonly Attention[];
  /** Who can read keys, and where else they are; absent where the stack does not say. */
  readonly exposure?: readonly Finding[];
  readonly seconds: number;
}

export interface PromotionReport {
  readonly ok: boolean;
  readonly previewOnly: boolean;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly seconds: number;
  readonly waves: readonly (readonly StageReport[])[];
}

/** True if every stage got through; in a preview that was not interrupted, if every stage would. */
export function isOk(waves: PromotionReport["waves"], previewOnly: boolean, interrupted: boolean): boolean {
  const fine: readonly Result[] = previewOnly && !interrupted ? ["unchanged", "skipped"] : ["promoted", "unchanged"];
  return waves.flat().every(({ result }) => fine.includes(result));
}

/** 0 all got through, 1 a stage failed (or the promotion was interrupted), 2 a gate refused, 3 a person declined. */
export function exitCode(report: PromotionReport): 0 | 1 | 2 | 3 {
  if (report.ok) return 0;
  const results = new Set(report.waves.flat().map(({ result }) => result));
  if (results.has("failed")) return 1;
  if (results.has("refused")) return 2;
  return results.has("declined") ? 3 : 1;
}

/** The text that `--json` prints: the contract's fields only. */
export function toJson({ ok, waves }: PromotionReport): string {
  const pick = ({ stack, result, reason, states, lastRun, receipt, seconds }: StageReport) => {
    return { stack, result, reason, states, lastRun, receipt, seconds };
  };
  return JSON.stringify({ ok, waves: waves.map((wave) => wave.map(pick)) }, null, 2);
}
