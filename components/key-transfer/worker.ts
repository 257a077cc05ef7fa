import type { BatchPlan, Leave } from "../batches/batch-plan";
import { type BatchSize, batchSizeFor } from "../batches/batch-size";
import type { Range } from "../batches/range";
import type { BatchRunner } from "../batches/table-pass";
import { backOff } from "../postgres/back-off";
import { openSession } from "../postgres/connection";
import { sqlstateOf } from "../postgres/errors";
import { formatBlocker, lockHolders } from "../postgres/lock-retry";
import { quoteQualified } from "../postgres/quote";
import { conditionName, connectionFailure, deadlockDetected, isShortage, lockNotAvailable } from "../postgres/sqlstate";
import { isConnectionLost } from "./connection-retry";
import { halves, lossesTogether, refusedThere } from "./lost-batch";
import {
  type BatchResult,
  type BatchSession,
  lockTimeoutSetting,
  prepareBatches,
  runBatch,
  TransientError,
} from "./sql/batch";
import { preparedReplaced } from "./sql/do-block";
import { readPages } from "./sql/ranges";
import { addBatch } from "./totals";
import type { TransferRun } from "./transfer-run";

/** Tries of a batch that others stand in the way of, before it is left to a later sweep. */
const triesWithoutWaiting = 5;
/** Tries of a batch with a passing trouble that is no lock, before it is looked for whose wallet it is. */
const triesTogether = 6;
const firstPauseMs = 50;

/** Blocks a batch covers. What is left of a range because there were too many wallets in it costs more batches. */
const blocksFor = (targetMs: number): BatchSize => batchSizeFor({ ms: targetMs / 2, first: 8, most: 512 });

/**
 * Wallets a transaction may lock. The blocks alone would do where every block has as many with something to do; behind a
 * stretch where nothing was left to do, a batch would be ten times as large as it should.
 */
const walletsFor = (targetMs: number): BatchSize => batchSizeFor({ ms: targetMs, first: 200, most: 10_000 });

/**
 * A session that runs batches, and comes back after a lost connection or a restart of the server. A batch takes about half of
 * `batchTargetMs`: an application that wants to write one of its wallets waits until it ends, and a slow one should still
 * end in time.
 */
export class Worker implements BatchRunner {
  private session: BatchSession | undefined;
  /** Troubles that did not pass before, and were a wallet's own. */
  private readonly lasting = new Set<string>();
  private readonly batchSize: { readonly blocks: BatchSize; readonly wallets: BatchSize };

  constructor(private readonly context: TransferRun) {
    const { batchTargetMs } = context.limits;
    this.batchSize = { blocks: blocksFor(batchTargetMs), wallets: walletsFor(batchTargetMs) };
  }

  readonly blocks = (): number => this.batchSize.blocks.size();
  readonly stopped = (): boolean => this.context.stopping();

  readonly run = (plan: BatchPlan): Promise<void> => this.persist(plan, lossesTogether);

  /** @param mostLosses how often it may end its session before it is looked for the wallet that does so */
  private async persist(asked: BatchPlan, mostLosses: number): Promise<void> {
    const { totals } = this.context;
    await this.context.untilHealthy();
    // It may have given the pause up: no batch must go to a server that is unwell.
    if (this.stopped()) return;
    const giveUp = performance.now() + this.context.limits.lockDeadlineMinutes * 60_000;
    const pause = backOff(firstPauseMs);
    let leave: Leave = "";
    let losses = 0;
    for (let tries = 1; ; tries += 1) {
      // One lock that is never let go must not keep the rest back: from the deadline on, what is locked is left.
      if (asked.waitForLocks && this.context.lockDeadlinePassed()) leave = "locks";
      try {
        await this.attempt({ ...asked, leave });
        this.context.progress();
        return;
      } catch (error) {
        const sqlstate = error instanceof TransientError ? error.sqlstate : sqlstateOf(error);
        totals.retries += 1;
        if (error instanceof TransientError) {
          if (this.stopped()) return;
          if (error.sqlstate === preparedReplaced) {
            this.context.reportThrottled(
              "replaced",
              "a trigger replaced this session's prepared statements; going on with a new session",
            );
            await this.drop();
          }
          if (isShortage(error.sqlstate))
            this.context.reportThrottled(
              "shortage",
              `the server reports ${sqlstateWithName(error.sqlstate)}; trying again`,
            );
          if (error.sqlstate === lockNotAvailable || error.sqlstate === deadlockDetected) {
            // Single rows are not waited for then: it is a whole table that is locked.
            if (leave === "locks") return;
            if (!asked.waitForLocks && tries >= triesWithoutWaiting) return;
            if (asked.waitForLocks) {
              this.context.recordLockTimeout();
              await this.reportBlockers().catch(() => undefined);
            }
          } else if (tries >= (this.lasting.has(error.sqlstate) ? 1 : triesTogether)) {
            this.lasting.add(error.sqlstate);
            leave = "errors";
          }
          // A smaller batch meets fewer locks; where all of them are waited for, it would only make more batches.
          if (!asked.waitForLocks) this.batchSize.blocks.halve();
        } else {
          if (!isConnectionLost(error) && !isShortage(sqlstate ?? "")) throw error;
          // Lost in the middle of the batch, not while a session was opened.
          if (this.session !== undefined && isConnectionLost(error)) losses += 1;
          await this.drop();
          if (this.stopped()) return;
          if (losses >= mostLosses) return this.takeApart(asked, sqlstate ?? connectionFailure);
          if (performance.now() > giveUp) throw error;
          if (sqlstate !== undefined && isShortage(sqlstate))
            this.context.reportThrottled("shortage", `the server reports ${sqlstateWithName(sqlstate)}; trying again`);
        }
        await pause();
      }
    }
  }

  /**
   * A trigger may end the session that it runs in, and would do so at every try: the batch is cut in two, and so on, until
   * the wallet is alone, which is refused then.
   */
  private async takeApart(plan: BatchPlan, sqlstate: string): Promise<void> {
    const parts = halves(plan);
    if (parts === undefined) {
      const { client } = this.session ?? (await this.open());
      addBatch(this.context.totals, await refusedThere(client, this.context.stateSql, plan, sqlstate));
      return;
    }
    for (const part of parts) {
      if (this.stopped()) return;
      // A part is cut at once; a wallet alone is not blamed for what may have been a restart.
      await this.persist(part, halves(part) === undefined ? lossesTogether : 1);
    }
  }

  /**
   * Reads the pages once more, and so has PostgreSQL remove the row versions that the last lane left dead. Here it takes
   * a few bytes of log; left to the read-back it would come after a checkpoint, and every page go to the log as a whole.
   */
  readonly prunePages = async (range: Range): Promise<void> => {
    if (this.session === undefined) return;
    // What it leaves undone, the read-back or a vacuum does.
    await readPages(this.session.client, this.context.wallets, range).catch(() => undefined);
  };

  async end(): Promise<void> {
    await this.drop();
  }

  private async attempt(plan: BatchPlan): Promise<void> {
    const { wallets, stateSql, totals } = this.context;
    const session = this.session ?? (await this.open());
    const started = performance.now();
    const most = this.batchSize.wallets.size();
    let last = started;
    const locked: BatchResult[] = [];
    try {
      await runBatch(session, wallets, stateSql, { ...plan, most }, (result) => {
        const now = performance.now();
        // A batch with few wallets says nothing about what a wallet costs.
        if (result.locked * 4 >= most) this.batchSize.wallets.record(result.locked, now - last);
        last = now;
        if (plan.leave === "locks") locked.push(result);
        else addBatch(totals, result);
      });
    } finally {
      const holder = locked.length > 0 ? await this.blockers().catch(() => "") : "";
      for (const result of locked) addBatch(totals, holder === "" ? result : heldBy(result, holder));
    }
    this.batchSize.blocks.record((plan.range.to - plan.range.from) / plan.lanes, performance.now() - started);
  }

  private async open(): Promise<BatchSession> {
    const { databaseUrl, limits, wallets, stateSql } = this.context;
    const client = await openSession(databaseUrl, { purpose: "moving keys to the vault" });
    try {
      // Below the server's deadlock_timeout: whoever waits for that long looks for a deadlock, and is the one to be ended
      // where there is one. It must never be an application.
      await client.query(
        `select set_config(kept.name, least($1::int8, greatest(s.setting::int8 / 2, 1))::text, false)
           from pg_settings s, unnest(array['lock_timeout', $2]) kept (name) where s.name = 'deadlock_timeout'`,
        [Math.round(limits.lockTimeoutMs), lockTimeoutSetting],
      );
      this.session = await prepareBatches(client, wallets, stateSql);
      return this.session;
    } catch (error) {
      await client.end().catch(() => undefined);
      // To prepare a statement takes a lock, too.
      throw sqlstateOf(error) === lockNotAvailable ? new TransientError(lockNotAvailable) : error;
    }
  }

  private async drop(): Promise<void> {
    const client = this.session?.client;
    this.session = undefined;
    await client?.end().catch(() => undefined);
  }

  private async reportBlockers(): Promise<void> {
    const holders = await this.blockers();
    if (holders !== "") this.context.reportThrottled("lock", `rows are locked; waiting for ${holders}`);
  }

  /** Sessions that hold locks on the two tables, in words; empty where there are none. */
  private async blockers(): Promise<string> {
    const { wallets } = this.context;
    const tables = [wallets.credentialsTable, wallets.vaultTable].map((table) => quoteQualified(wallets.schema, table));
    const client = this.session?.client;
    if (client === undefined) return "";
    const { rows } = await client.query<{ oid: number }>("select unnest($1::text[])::regclass::oid as oid", [tables]);
    const holders = await lockHolders(
      client,
      rows.map((row) => row.oid),
    );
    return holders.map(formatBlocker).join("; ");
  }
}

const heldBy = (result: BatchResult, holder: string): BatchResult => ({
  ...result,
  refusals: result.refusals.map((refusal) => (refusal.cause === "locked" ? { ...refusal, holder } : refusal)),
});

/** `53100 disk_full` */
const sqlstateWithName = (sqlstate: string): string => `${sqlstate} ${conditionName(sqlstate)}`;
