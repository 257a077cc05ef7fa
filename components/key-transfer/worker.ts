import { backOff } from "../postgres/back-off";
import { type Client, openSession } from "../postgres/connection";
import { sqlstateOf } from "../postgres/errors";
import { isTransient, lockNotAvailable } from "../postgres/sqlstate";
import { described, lockHolders } from "../postgres/waiting";
import { qualified } from "../postgres/identifiers";
import { paceFor } from "./pace";
import { lostConnection } from "./retry";
import type { Run } from "./run";
import { type BatchPlan, type BatchResult, runBatch } from "./statements/batch";
import type { BatchRunner } from "./sweep";
import { add } from "./totals";

/** Tries of a batch that others stand in the way of, before it is left to a later sweep. */
const hurriedTries = 5;
const firstPauseMs = 50;

/** A session that runs batches, and comes back after a lost connection or a restart of the server. */
export class Worker implements BatchRunner {
  private client: Client | undefined;
  private readonly pace: ReturnType<typeof paceFor>;

  constructor(private readonly context: Run) {
    this.pace = paceFor(context.limits.batchTargetMs);
  }

  readonly blocks = (): number => this.pace.blocks();
  readonly stopped = (): boolean => this.context.stopping();

  readonly run = async (plan: BatchPlan): Promise<void> => {
    await this.context.untilHealthy();
    const giveUp = Date.now() + this.context.limits.lockDeadlineMinutes * 60_000;
    const pause = backOff(firstPauseMs);
    for (let tries = 1; ; tries += 1) {
      try {
        const started = performance.now();
        const result = await this.attempt(plan);
        this.pace.took(performance.now() - started);
        add(this.context.totals, result);
        this.context.progress();
        return;
      } catch (error) {
        if (!passes(error)) throw error;
        this.context.totals.retries += 1;
        this.pace.shrink();
        const lost = lostConnection(error);
        if (lost) await this.drop();
        if (this.stopped()) return;
        if (Date.now() > giveUp || (!lost && !plan.patient && tries >= hurriedTries)) {
          if (lost) throw error;
          // One lock that is never let go must not keep the rest of the batch back.
          return plan.patient && !plan.leaveLocked ? this.run({ ...plan, leaveLocked: true }) : undefined;
        }
        if (plan.patient && sqlstateOf(error) === lockNotAvailable) await this.tellBlockers();
        await pause();
      }
    }
  };

  async end(): Promise<void> {
    await this.drop();
  }

  private async attempt(plan: BatchPlan): Promise<BatchResult> {
    this.client ??= await this.open();
    return runBatch(this.client, this.context.wallets, this.context.by, plan);
  }

  private async open(): Promise<Client> {
    const client = await openSession(this.context.databaseUrl, { purpose: "moving keys to the vault", rolePath: true });
    // A lost tail of commits is no loss: wallet and vault row are one transaction, and the read-back waits until all
    // is on disk. Index look-ups only: planned as if the vault were empty, a batch would read all of it.
    await client.query(`
      set synchronous_commit = off; set enable_seqscan = off; set work_mem = '32MB';
      set lock_timeout = ${Math.round(this.context.limits.lockTimeoutMs)}`);
    return client;
  }

  private async drop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.end().catch(() => undefined);
  }

  private async tellBlockers(): Promise<void> {
    const { wallets } = this.context;
    const tables = [wallets.credentialsTable, wallets.vaultTable].map((table) => qualified(wallets.schema, table));
    if (this.client === undefined) return;
    const { rows } = await this.client.query<{ oid: number }>("select unnest($1::text[])::regclass::oid as oid", [
      tables,
    ]);
    const holders = await lockHolders(
      this.client,
      rows.map((row) => row.oid),
    );
    if (holders.length > 0) this.context.report(`rows are locked; waiting for ${holders.map(described).join("; ")}`);
  }
}

/** Deadlock, serialisation failure, lock timeout, lost connection, restart of the server: what a second try may cure. */
function passes(error: unknown): boolean {
  const sqlstate = sqlstateOf(error);
  return lostConnection(error) || (sqlstate !== undefined && isTransient(sqlstate));
}
