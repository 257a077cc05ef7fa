import type { Range } from "./range";

/** What a batch should not stop for: see `moveRowByRow`. */
export type Leave = "" | "errors" | "locks";
export interface BatchPlan {
  readonly range: Range;
  /** Only the wallets of one lane out of `lanes`; see table-pass.ts. */
  readonly lane: number;
  readonly lanes: number;
  /** False: rows that others have locked are skipped. True: waited for. */
  readonly waitForLocks: boolean;
  /** Wallets a transaction may lock, 1 or more, unless one block holds more. Default: all of the range. */
  readonly most?: number | undefined;
  /** Not empty: wallet by wallet, and those that cannot be moved now are told and left. Default: empty. */
  readonly leave?: Leave;
}
