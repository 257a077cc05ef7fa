import type { Client } from "../postgres/connection";
import type { BatchPlan } from "./batch-plan";

/** What is done to the rows of a table, batch by batch: all that this folder knows of it. */
export interface BatchJob {
  /** Shows in pg_stat_activity and in messages: `moving keys to the vault`. */
  readonly purpose: string;
  /** Quoted names of the tables that are locked. The first one is walked. While others keep every reader out, the run pauses. */
  readonly tables: readonly [string, ...string[]];
  /** Makes a session ready, and returns what runs a plan in it. */
  prepare(client: Client): Promise<RunPlan>;
  /** Counts the rows of a plan as refused, because they end the session each time they are tried. It may end here, too. */
  refuse(client: Client, plan: BatchPlan, sqlstate: string): Promise<void>;
  /** Counts a batch that is tried again. */
  countRetry(): void;
  /** How far the run is, as a line. */
  progress(elapsedMs: number): string;
  /** The same for `application_name`, in a few characters: `43 %, 5,100/s`. Default: nothing is shown there. */
  shortProgress?(elapsedMs: number): string;
  /** A reason of the job's own to end before its work is done, as a clause. */
  whyEnding(): string | undefined;
}

/**
 * Runs a plan, in one transaction or several.
 *
 * @param committed called as soon as a transaction is done, with the number of rows that it locked
 * @throws TransientError
 */
export type RunPlan = (plan: BatchPlan, committed: (rows: number) => void) => Promise<void>;

/** A passing error in a batch: its transaction changed nothing, and it may be tried again. */
export class TransientError extends Error {
  constructor(
    readonly sqlstate: string,
    /** What makes the session unfit for another try, as a clause. */
    readonly sessionUnfit?: string,
  ) {
    super(`wallet-vault: ${sqlstate}, to be tried again`);
    this.name = "TransientError";
  }
}

/** The setting that holds the lock timeout of a session's batches, in milliseconds, where no trigger looks for it. */
export const lockTimeoutSetting = "wallet_vault.lock_timeout";
