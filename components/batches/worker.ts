import { Deadline } from "../postgres/deadline";
import { applicationName } from "../postgres/connection";
import { isConnectionLoss, sqlstateOf } from "../postgres/errors";
import { sessionsHolding } from "../postgres/lock-retry";
import { quoteIdent } from "../postgres/quote";
import { backOff, pollUntil } from "../postgres/retry";
import { conditionName, connectionFailure, deadlockDetected, isShortage, lockNotAvailable } from "../postgres/sqlstate";
import { TransientError } from "./batch-job";
import type { BatchPlan, Tolerated } from "./batch-plan";
import type { BatchRun } from "./batch-run";
import { type BatchSize, batchSizeFor } from "./batch-size";
import { type Range, readPages } from "./range";
import { splitPlan } from "./split-plan";
import type { BatchRunner } from "./table-pass";
import { WorkerSession } from "./worker-session";

/** Tries of a batch that meets locks and does not wait for them, before it is left to a later pass. */
const triesWithoutWaiting = 5;
/** Tries of a batch with a passing error that is no lock, before it is run row by row. */
const triesTogether = 6;
/** Times a batch may end its session before it is split: a server may be restarted, or somebody end a session. */
const lossesTogether = 3;
const firstPauseMs = 50;
const showEveryMs = 1_000;

/** A batch that is tried until it is done or given up. */
interface Batch {
  readonly plan: BatchPlan;
  /** Times it may end its session before it is split. */
  readonly mostLosses: number;
  readonly deadline: Deadline;
  losses: number;
  tolerated: Tolerated | undefined;
}

/**
 * A session that runs batches, and comes back after a lost connection or a restart of the server. A batch takes about half of
 * `batchTargetMs`: an application that wants to write one of its rows waits until it ends, and a slow one should still end in
 * time.
 */
export class BatchWorker implements BatchRunner {
  private readonly session: WorkerSession;
  private shownAt = performance.now();
  /** SQLSTATEs that did not pass before, and were a single row's. */
  private readonly lasting = new Set<string>();
  /** Blocks a batch covers. Where they hold more rows than a transaction may lock, the rest costs more transactions. */
  private readonly blocksPerBatch: BatchSize;
  /**
   * Rows a transaction may lock. Blocks alone would do if every block had as many rows that need work; after a stretch without
   * any, a batch would be ten times as large as it should be. Where users' triggers are slow, a single block is too much.
   */
  private readonly rowsPerTransaction: BatchSize;

  constructor(private readonly batchRun: BatchRun) {
    const { databaseUrl, job, limits } = batchRun;
    this.session = new WorkerSession(databaseUrl, job, limits.lockTimeoutMs);
    this.blocksPerBatch = batchSizeFor({ ms: limits.batchTargetMs / 2, first: 8, most: 512 });
    this.rowsPerTransaction = batchSizeFor({ ms: limits.batchTargetMs, first: 200, most: 10_000 });
  }

  readonly blocks = (): number => this.blocksPerBatch.size();
  readonly stopped = (): boolean => this.batchRun.stopping();

  readonly run = (plan: BatchPlan): Promise<void> => this.persist(plan, lossesTogether);

  /**
   * Reads the pages once more, and so has PostgreSQL remove the row versions that the last lane left dead. Here it takes
   * a few bytes of log; left to a later look it would come after a checkpoint, and every page go to the log as a whole.
   */
  readonly prunePages = async (range: Range): Promise<void> => {
    // What it leaves undone, a later look or a vacuum does.
    if (this.session.client !== undefined)
      await readPages(this.session.client, this.batchRun.job.tables[0], range).catch(() => undefined);
  };

  async end(): Promise<void> {
    await this.session.drop();
  }

  private async persist(plan: BatchPlan, mostLosses: number): Promise<void> {
    await this.batchRun.untilHealthy();
    // It may have given the pause up: no batch must go to a server that is unwell.
    if (this.stopped()) return;
    const deadline = new Deadline(this.batchRun.limits.lockDeadlineMinutes);
    const batch: Batch = { plan, mostLosses, deadline, losses: 0, tolerated: undefined };
    await pollUntil(backOff(firstPauseMs), async (tries) => {
      // One lock that is never let go must not keep the rest back: from the deadline on, what is locked is left.
      if (plan.waitForLocks && this.batchRun.lockDeadlinePassed()) batch.tolerated = "locks";
      try {
        await this.attempt({ ...plan, tolerated: batch.tolerated });
        this.batchRun.progress();
        await this.showProgress();
        return true;
      } catch (error) {
        this.batchRun.job.countRetry();
        return error instanceof TransientError
          ? this.afterTransient(error, batch, tries)
          : this.afterLoss(error, batch);
      }
    });
  }

  /** In pg_stat_activity, for whoever looks there; a statement of its own every second, and none for a short run. */
  private async showProgress(): Promise<void> {
    const { job, started } = this.batchRun;
    const now = performance.now();
    if (now - this.shownAt < showEveryMs || job.shortProgress === undefined) return;
    this.shownAt = now;
    const name = applicationName(`${job.purpose}, ${job.shortProgress(now - started)}`);
    // The next batch meets a lost connection.
    await this.session.client?.query(`set application_name = ${quoteIdent(name)}`).catch(() => undefined);
  }

  private async attempt(plan: BatchPlan): Promise<void> {
    const { runPlan } = await this.session.open();
    const started = performance.now();
    const most = this.rowsPerTransaction.size();
    let last = started;
    await runPlan({ ...plan, most, mostMs: this.batchRun.limits.batchTargetMs }, (rows) => {
      const now = performance.now();
      // A transaction with few rows says nothing about what a row costs.
      if (rows * 4 >= most) this.rowsPerTransaction.record(rows, now - last);
      last = now;
    });
    this.blocksPerBatch.record((plan.range.to - plan.range.from) / plan.lanes, performance.now() - started);
  }

  /** @returns true where the batch is given up, false where it is tried again */
  private async afterTransient(
    { sqlstate, sessionUnfit }: TransientError,
    batch: Batch,
    tries: number,
  ): Promise<boolean> {
    const { waitForLocks } = batch.plan;
    if (this.stopped()) return true;
    if (sessionUnfit !== undefined) {
      this.batchRun.reportThrottled("session", `${sessionUnfit}; going on with a new session`);
      await this.session.drop();
    }
    this.reportShortage(sqlstate);
    if (sqlstate === lockNotAvailable || sqlstate === deadlockDetected) {
      // Single rows are not waited for then: it is a whole table that is locked.
      if (batch.tolerated === "locks") return true;
      if (!waitForLocks && tries >= triesWithoutWaiting) return true;
      if (waitForLocks) {
        this.batchRun.recordLockTimeout();
        await this.reportLockHolders().catch(() => undefined);
      }
    } else if (tries >= (this.lasting.has(sqlstate) ? 1 : triesTogether)) {
      this.lasting.add(sqlstate);
      batch.tolerated = "errors";
    }
    // A smaller batch meets fewer locks; where all of them are waited for, it would only make more batches.
    if (!waitForLocks) this.blocksPerBatch.halve();
    return false;
  }

  /** @returns true where the batch is given up or was done in parts, false where it is tried again */
  private async afterLoss(error: unknown, batch: Batch): Promise<boolean> {
    const sqlstate = sqlstateOf(error);
    const lost = isConnectionLoss(error);
    if (!lost && !isShortage(sqlstate ?? "")) throw error;
    // Lost in the middle of the batch, not while a session was opened.
    if (lost && this.session.client !== undefined) batch.losses += 1;
    await this.session.drop();
    if (this.stopped()) return true;
    if (batch.losses >= batch.mostLosses) {
      await this.runHalves(batch.plan, sqlstate ?? connectionFailure);
      return true;
    }
    if (batch.deadline.passed) throw error;
    this.reportShortage(sqlstate ?? "");
    return false;
  }

  /**
   * A trigger may end the session that it runs in, and would do so at every try: the batch is split, and so on, until the row
   * is alone, which is refused then.
   */
  private async runHalves(plan: BatchPlan, sqlstate: string): Promise<void> {
    const halves = splitPlan(plan);
    if (halves === undefined) {
      const { client } = await this.session.open();
      await this.batchRun.job.refuse(client, plan, sqlstate);
      return this.session.drop();
    }
    for (const half of halves) {
      if (this.stopped()) return;
      // A half is split at once; a row alone is not blamed for what may have been a restart.
      await this.persist(half, splitPlan(half) === undefined ? lossesTogether : 1);
    }
  }

  private reportShortage(sqlstate: string): void {
    if (isShortage(sqlstate))
      this.batchRun.reportThrottled(
        "shortage",
        `the server reports ${sqlstate} ${conditionName(sqlstate)}; trying again`,
      );
  }

  private async reportLockHolders(): Promise<void> {
    const { client } = this.session;
    const { job, limits } = this.batchRun;
    const holders = client && (await sessionsHolding(client, job.tables));
    if (holders)
      this.batchRun.reportThrottled(
        "lock",
        `rows are locked; waiting for ${holders}; after ${limits.lockDeadlineMinutes} minutes (lockDeadlineMinutes) they are left as they are; commit there, or end that session`,
      );
  }
}
