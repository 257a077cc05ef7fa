import type { BatchJob, RunPlan } from "../batches/batch-job";
import type { BatchPlan } from "../batches/batch-plan";
import type { BatchLimits, BatchRun } from "../batches/batch-run";
import { formatPace } from "../batches/pace";
import { formatNumber } from "../format";
import type { Client } from "../postgres/connection";
import { sessionsHolding } from "../postgres/lock-retry";
import { type BatchResult, type BatchSession, clearFlagsIn, prepareBatches, runBatch } from "./sql/batch";
import { refusedRows } from "./sql/refused-rows";
import { refusalReason } from "./summary";
import { addBatch, emptyTotals, sameRefusal, type Totals } from "./totals";
import type { WalletStateSql } from "./wallet-state";
import { tablesOf, type Wallets } from "./wallets";

export type TransferLimits = BatchLimits;

/** One run of the transfer. */
export type TransferRun = BatchRun<TransferJob>;

/** Moves keys batch by batch, and counts what was done. */
export class TransferJob implements BatchJob {
  readonly purpose = "moving keys to the vault";
  readonly tables: readonly [credentials: string, vault: string];
  readonly totals: Totals = emptyTotals();
  /** True while a few wallets all over the table are tried, although the first ones were all refused alike. */
  sampling = false;

  constructor(
    readonly wallets: Wallets,
    readonly stateSql: WalletStateSql,
    /** Keys known to be pending when it began, for the progress line. */
    private readonly pending: number,
  ) {
    this.tables = tablesOf(wallets);
  }

  async prepare(client: Client): Promise<RunPlan> {
    const session = await prepareBatches(client, this.wallets, this.stateSql);
    return (plan, committed) => this.runPlan(session, plan, committed);
  }

  private async runPlan(session: BatchSession, plan: BatchPlan, committed: (rows: number) => void): Promise<void> {
    const { wallets, stateSql, totals, tables } = this;
    const locked: BatchResult[] = [];
    try {
      await runBatch(session, wallets, stateSql, plan, (result) => {
        committed(result.locked);
        if (plan.tolerated === "locks") locked.push(result);
        else addBatch(totals, result);
      });
    } finally {
      const holder = locked.length > 0 ? await sessionsHolding(session.client, tables).catch(() => "") : "";
      for (const result of locked) addBatch(totals, holder === "" ? result : heldBy(result, holder));
    }
  }

  async refuse(client: Client, plan: BatchPlan, sqlstate: string): Promise<void> {
    const refused = await refusedRows(client, this.stateSql, plan, sqlstate);
    const flags_cleared = await clearFlagsIn(client, this.wallets, this.stateSql, plan);
    addBatch(this.totals, { ...refused, flags_cleared });
  }

  countRetry(): void {
    this.totals.retries += 1;
  }

  progress(elapsedMs: number): string {
    return formatPace(this.totals.transferred, this.pending, "keys moved", elapsedMs);
  }

  shortProgress(elapsedMs: number): string {
    const { transferred } = this.totals;
    const share = Math.min(100, Math.floor((100 * transferred) / Math.max(this.pending, 1)));
    return `${share} %, ${formatNumber(Math.round((1000 * transferred) / elapsedMs))}/s`;
  }

  /** The last line of a run that ends before its work is done. */
  whatIsLeft(pending: number, why: string): string {
    const { transferred } = this.totals;
    return `ended early, because ${why}: ${formatNumber(transferred)} keys moved, ${formatNumber(pending)} pending; the next up goes on`;
  }

  whyEnding(): string | undefined {
    const alike = this.sampling ? undefined : sameRefusal(this.totals);
    return (
      alike && `${formatNumber(alike.wallets)} wallets were refused, all for one reason: ${refusalReason(alike.first)}`
    );
  }
}

const heldBy = (result: BatchResult, holder: string): BatchResult => ({
  ...result,
  refusals: result.refusals.map((refusal) => (refusal.cause === "locked" ? { ...refusal, holder } : refusal)),
});
