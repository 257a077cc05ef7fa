import { type Client, openSession } from "../postgres/connection";
import { Deadline, type LockWait, lockWaitOf } from "../postgres/deadline";
import { isConnectionLoss } from "../postgres/errors";
import type { LockLimits } from "../postgres/lock-limits";
import { formatBlocker } from "../postgres/lock-retry";
import { sessionsBlockingReaders } from "../postgres/reader-locks";
import type { Report } from "../postgres/report";
import { backOff, pollUntil, retry, throttled } from "../postgres/retry";
import type { BatchJob } from "./batch-job";
import { type HealthLimits, pauseReason } from "./health";
import { requestedStopFile } from "./stop-file";

export interface BatchLimits extends LockLimits, HealthLimits {
  /**
   * Milliseconds a batch should not exceed: the longest that a writer of one of its rows waits.
   *
   * @default 100
   */
  readonly batchTargetMs: number;
  /**
   * Minutes after which a run ends with status `incomplete` and the numbers so far. 0: no bound.
   *
   * @default 0
   */
  readonly maxMinutes: number;
}

const progressEveryMs = 2_000;
const healthEveryMs = 2_000;
const healthPauseMs = 500;
const reconnectPauseMs = 100;

/** One run of a job: its limits, and whether it should go on. All times are monotonic. */
export class BatchRun<Job extends BatchJob = BatchJob> {
  readonly started = performance.now();
  /** Reports what lasts: at once, and then now and again. */
  readonly reportThrottled: (gist: "health" | "lock" | "shortage" | "session", line: string) => void;
  private failed = false;
  private stopRequested = false;
  private progressReportedAt = performance.now();
  private locks: Deadline | undefined;
  private pausing: { readonly why: string; readonly until: Deadline } | undefined;
  private healthSession: Client | undefined;
  private checkedAt = Number.NEGATIVE_INFINITY;
  private health: Promise<string | undefined> = Promise.resolve(undefined);

  constructor(
    readonly databaseUrl: string,
    readonly job: Job,
    readonly limits: BatchLimits,
    readonly report: Report,
  ) {
    this.reportThrottled = throttled(report);
  }

  /** True once there is a reason to end or a worker has failed: batches under way end, no new one begins. */
  stopping(): boolean {
    return this.failed || this.whyEnding() !== undefined;
  }

  /** Why it ends before its work is done, as a clause; undefined while it should go on. */
  whyEnding(): string | undefined {
    const { maxMinutes } = this.limits;
    if (this.askedToStop()) return "somebody asked it to stop";
    if (maxMinutes > 0 && this.minutesGone() > maxMinutes) return "its time (maxMinutes) was up";
    if (this.pausing?.until.passed === true)
      return `it had to pause for ${this.pausing.until.minutes} minutes (lockDeadlineMinutes), because ${this.pausing.why}`;
    return this.job.whyEnding();
  }

  private minutesGone(): number {
    return (performance.now() - this.started) / 60_000;
  }

  private askedToStop(): boolean {
    const file = this.stopRequested ? undefined : requestedStopFile();
    if (file !== undefined) {
      this.stopRequested = true;
      this.report(`asked to stop (${file}): ending after this batch`);
    }
    return this.stopRequested;
  }

  fail(): void {
    this.failed = true;
  }

  /** For looks at whole tables. What is left of `maxMinutes` bounds them, too; one try they always have. */
  lockWait(): LockWait {
    const { maxMinutes } = this.limits;
    const left = maxMinutes > 0 ? Math.max(maxMinutes - this.minutesGone(), 1e-9) : 0;
    return lockWaitOf({ ...this.limits, maxMinutes: left }, this.report);
  }

  /** A lock was waited for in vain. From the first one on the lock deadline counts, once for the whole run. */
  recordLockTimeout(): void {
    this.locks ??= new Deadline(this.limits.lockDeadlineMinutes);
  }

  lockDeadlinePassed(): boolean {
    return this.locks?.passed === true;
  }

  /** A line every two seconds; a run that is shorter says nothing. */
  progress(): void {
    const now = performance.now();
    if (now - this.progressReportedAt < progressEveryMs) return;
    this.progressReportedAt = now;
    this.report(this.job.progress(now - this.started));
  }

  /** Runs `look` until the connection holds, or the lock deadline has passed. */
  retryOnConnectionLoss<T>(look: () => Promise<T>): Promise<T> {
    const deadline = new Deadline(this.limits.lockDeadlineMinutes);
    return retry(backOff(reconnectPauseMs), look, (error) => {
      if (!isConnectionLoss(error) || deadline.passed) return false;
      this.job.countRetry();
      return true;
    });
  }

  /**
   * Returns at once while the database is well; else pauses until it is, saying why, for as long as `maxMinutes` allows, or,
   * where that is not set, `lockDeadlineMinutes` at a time. Nothing is lost by ending then: the next run goes on.
   */
  async untilHealthy(): Promise<void> {
    await pollUntil(backOff(healthPauseMs, healthPauseMs), async () => {
      if (this.stopping()) return true;
      if (performance.now() - this.checkedAt >= healthEveryMs) {
        this.checkedAt = performance.now();
        this.health = this.checkHealth();
      }
      // Whoever comes while somebody looks waits for what is found.
      const why = await this.health;
      const { maxMinutes, lockDeadlineMinutes } = this.limits;
      const until = this.pausing?.until ?? new Deadline(maxMinutes > 0 ? maxMinutes : lockDeadlineMinutes);
      this.pausing = why === undefined ? undefined : { why, until };
      return why === undefined;
    });
  }

  private async checkHealth(): Promise<string | undefined> {
    try {
      this.healthSession ??= await openSession(this.databaseUrl, { purpose: "watching the server", readOnly: true });
      const found =
        (await pauseReason(this.healthSession, this.limits)) ?? (await this.tableLockHolder(this.healthSession));
      if (found !== undefined) this.reportThrottled("health", `pausing: ${found}`);
      return found;
    } catch {
      // No reason to stop: the batches have their own way with a lost connection. The next look opens a new session.
      await this.end();
      return undefined;
    }
  }

  /** Every batch would wait in vain for its turn; and a migration that waits for the tables is let through. */
  private async tableLockHolder(client: Client): Promise<string | undefined> {
    const [first] = await sessionsBlockingReaders(client, this.job.tables);
    return first && `${formatBlocker(first)} has locked the tables, or waits to`;
  }

  /** Closes what the run holds open. */
  async end(): Promise<void> {
    const watch = this.healthSession;
    this.healthSession = undefined;
    await watch?.end().catch(() => undefined);
  }
}
