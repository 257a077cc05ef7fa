import type { Range } from "./range";

/** Rows that cannot be changed now are reported and left, and the batch goes on: because of locks, or of any passing error. */
export type Tolerated = "errors" | "locks";

export interface BatchPlan {
  readonly range: Range;
  /** Only the rows of one lane out of `lanes`; see table-pass.ts. */
  readonly lane: number;
  readonly lanes: number;
  /** False: rows that others have locked are skipped. True: waited for. */
  readonly waitForLocks: boolean;
  /** Rows a transaction may lock, 1 or more. Default: all of the range. */
  readonly most?: number | undefined;
  /** Milliseconds after which a transaction that works row by row begins no further row. Default: it does all of them. */
  readonly mostMs?: number | undefined;
  /** Set: row by row, and what is tolerated ends nothing. Default: nothing is tolerated. */
  readonly tolerated?: Tolerated | undefined;
}
