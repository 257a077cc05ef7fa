import { type HealthLimits, pauseReason } from "../batches/health";
import { requestedStopFile } from "../batches/stop-file";
import { type Client, openSession } from "../postgres/connection";
import { Deadline, type LockWait, lockWaitOf } from "../postgres/deadline";
import type { LockLimits } from "../postgres/lock-limits";
import { formatBlocker } from "../postgres/lock-retry";
import type { Report } from "../postgres/report";
import { sessionsBlockingReaders } from "./sql/lock-tables";
import { refusalReason } from "./summary";
import { emptyTotals, sameRefusal, type Totals } from "./totals";
import type { WalletStateSql } from "./wallet-state";
import type { Wallets } from "./wallets";

export interface TransferLimits extends LockLimits, HealthLimits {
  /** Milliseconds a batch should not exceed: the longest that a writer of one of its wallets waits. Default 100. */
  readonly batchTargetMs: number;
  /** Minutes after which a run ends with status `incomplete` and the numbers so far; 0 means no bound, the default. */
  readonly maxMinutes: number;
}

const progressEveryMs = 2_000;
const healthEveryMs = 2_000;
const sameAgainAfterMs = 30_000;

/** One run of the transfer: its settings, what it has done so far, and whether it should go on. All times are monotonic. */
export class TransferRun {
  readonly totals: Totals = emptyTotals();
  readonly started = performance.now();
  /** True while a few wallets all over the table are tried, although the first ones were all refused alike. */
  sampling = false;
  private failed = false;
  private stopRequested = false;
  private progressReportedAt = performance.now();
  private readonly reportedAt = new Map<string, number>();
  private locks: Deadline | undefined;
  private pausing: { readonly why: string; readonly until: Deadline } | undefined;
  private healthSession: Client | undefined;
  private checkedAt = Number.NEGATIVE_INFINITY;
  private health: Promise<string | undefined> = Promise.resolve(undefined);

  constructor(
    readonly databaseUrl: string,
    readonly wallets: Wallets,
    readonly stateSql: WalletStateSql,
    readonly limits: TransferLimits,
    /** Keys known to be pending when it began, for the progress line. */
    private readonly pending: number,
    readonly report: Report,
  ) {}

  /** True once there is a reason to end or a worker has failed: batches under way end, no new one begins. */
  stopping(): boolean {
    return this.failed || this.whyEnding() !== undefined;
  }

  /** Why it ends before its work is done, as a clause; undefined while it should go on. */
  whyEnding(): string | undefined {
    if (this.askedToStop()) return "somebody asked it to stop";
    if (this.overdue()) return "its time (maxMinutes) was up";
    if (this.pausing?.until.passed === true)
      return `it had to pause for ${this.pausing.until.minutes} minutes (lockDeadlineMinutes), because ${this.pausing.why}`;
    const alike = this.sampling ? undefined : sameRefusal(this.totals);
    return alike && `${number(alike.wallets)} wallets were refused, all for one reason: ${refusalReason(alike.first)}`;
  }

  private overdue(): boolean {
    return this.limits.maxMinutes > 0 && this.minutesGone() > this.limits.maxMinutes;
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

  /** Reports what lasts: at once, and then now and again. */
  reportThrottled(kind: "health" | "lock" | "shortage" | "replaced", line: string): void {
    const now = performance.now();
    if (now - (this.reportedAt.get(kind) ?? Number.NEGATIVE_INFINITY) < sameAgainAfterMs) return;
    this.reportedAt.set(kind, now);
    this.report(line);
  }

  /** A line every two seconds; a run that is shorter says nothing. */
  progress(): void {
    const now = performance.now();
    if (now - this.progressReportedAt < progressEveryMs) return;
    this.progressReportedAt = now;
    const { transferred } = this.totals;
    const perSecond = transferred / ((now - this.started) / 1000);
    const left = perSecond > 0 ? (this.pending - transferred) / perSecond : 0;
    const eta = left >= 1 ? `, about ${Math.round(left)} s left` : "";
    this.report(`${number(transferred)} of ${number(this.pending)} keys moved, ${number(perSecond)} a second${eta}`);
  }

  /** The last word of a run that ends before its time. */
  reportWhatIsLeft(pending: number, why: string): void {
    const { transferred } = this.totals;
    this.report(
      `ended early, because ${why}: ${number(transferred)} keys moved, ${number(pending)} pending; the next up goes on`,
    );
  }

  /**
   * Returns at once while the database is well; else pauses until it is, saying why, for as long as `maxMinutes` allows, or,
   * where that is not set, `lockDeadlineMinutes` at a time. Nothing is lost by ending then: the next run goes on.
   */
  async untilHealthy(): Promise<void> {
    while (!this.stopping()) {
      if (performance.now() - this.checkedAt >= healthEveryMs) {
        this.checkedAt = performance.now();
        this.health = this.checkHealth();
      }
      // Whoever comes while somebody looks waits for what is found.
      const why = await this.health;
      if (why === undefined) {
        this.pausing = undefined;
        return;
      }
      const { maxMinutes, lockDeadlineMinutes } = this.limits;
      const until = this.pausing?.until ?? new Deadline(maxMinutes > 0 ? maxMinutes : lockDeadlineMinutes);
      this.pausing = { why, until };
      await new Promise((resolve) => setTimeout(resolve, healthEveryMs / 4));
    }
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

  /** Every batch would wait in vain for its turn; and a migration that waits for both tables is let through. */
  private async tableLockHolder(client: Client): Promise<string | undefined> {
    const [first] = await sessionsBlockingReaders(client, this.wallets);
    return first && `${formatBlocker(first)} has locked the tables, or waits to`;
  }

  /** Closes what the run holds open. */
  async end(): Promise<void> {
    const watch = this.healthSession;
    this.healthSession = undefined;
    await watch?.end().catch(() => undefined);
  }
}

const number = (value: number): string => Math.round(value).toLocaleString("en-US");
