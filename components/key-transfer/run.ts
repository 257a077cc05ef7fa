import { type Client, openSession } from "../postgres/connection";
import type { Report } from "../postgres/progress";
import type { LockLimits } from "../postgres/waiting";
import { complaint, type HealthLimits } from "./health";
import type { Standing } from "./standing";
import { stopRequest } from "./stop-request";
import { nothingDone, type Totals } from "./totals";
import type { Wallets } from "./wallets";

export interface Limits extends LockLimits, HealthLimits {
  /** Milliseconds a batch should not exceed: the longest that a writer of one of its wallets waits. Default 100. */
  readonly batchTargetMs: number;
  /** Minutes after which a run ends with status `incomplete` and the numbers so far; 0 means no bound, the default. */
  readonly maxMinutes: number;
}

const progressEveryMs = 2_000;
const healthEveryMs = 2_000;
const sameAgainAfterMs = 30_000;

/** One run of the transfer: its settings, what it has done so far, and whether it should go on. */
export class Run {
  readonly totals: Totals = nothingDone();
  readonly started = Date.now();
  private failed = false;
  private asked = false;
  private told = Date.now();
  private readonly toldAt = new Map<string, number>();
  private lockedSince: number | undefined;
  private watch: Client | undefined;
  private looked = 0;
  private health: Promise<string | undefined> = Promise.resolve(undefined);

  constructor(
    readonly databaseUrl: string,
    readonly wallets: Wallets,
    readonly by: Standing,
    readonly limits: Limits,
    /** Keys known to be pending when it began, for the progress line. */
    private readonly pending: number,
    readonly report: Report,
  ) {}

  /** True once somebody asked for it, the time is up or a worker has failed: batches under way end, no new one begins. */
  stopping(): boolean {
    return this.failed || this.overdue() || this.askedToStop();
  }

  private overdue(): boolean {
    return this.limits.maxMinutes > 0 && Date.now() - this.started > this.limits.maxMinutes * 60_000;
  }

  private askedToStop(): boolean {
    const file = this.asked ? undefined : stopRequest();
    if (file !== undefined) {
      this.asked = true;
      this.report(`asked to stop (${file}): ending after this batch`);
    }
    return this.asked;
  }

  fail(): void {
    this.failed = true;
  }

  /** A lock was waited for in vain. From the first one on the lock deadline counts, once for the whole run. */
  lockMet(): void {
    this.lockedSince ??= Date.now();
  }

  outOfPatience(): boolean {
    return this.lockedSince !== undefined && Date.now() - this.lockedSince > this.limits.lockDeadlineMinutes * 60_000;
  }

  /** Reports what lasts: at once, and then now and again. */
  tell(kind: "health" | "lock" | "shortage", line: string): void {
    const now = Date.now();
    if (now - (this.toldAt.get(kind) ?? 0) < sameAgainAfterMs) return;
    this.toldAt.set(kind, now);
    this.report(line);
  }

  /** A line every two seconds; a run that is shorter says nothing. */
  progress(): void {
    const now = Date.now();
    if (now - this.told < progressEveryMs) return;
    this.told = now;
    const { transferred } = this.totals;
    const perSecond = transferred / ((now - this.started) / 1000);
    const left = perSecond > 0 ? (this.pending - transferred) / perSecond : 0;
    const eta = left >= 1 ? `, about ${Math.round(left)} s left` : "";
    this.report(`${number(transferred)} of ${number(this.pending)} keys moved, ${number(perSecond)} a second${eta}`);
  }

  /** The last word of a run that ends before its time. */
  tellWhatIsLeft(pending: number): void {
    this.report(
      `ended early: ${number(this.totals.transferred)} keys moved, ${number(pending)} pending; the next up goes on`,
    );
  }

  /** Returns at once while the database is well; else pauses until it is, saying why. */
  async untilHealthy(): Promise<void> {
    while (!this.stopping()) {
      if (Date.now() - this.looked >= healthEveryMs) {
        this.looked = Date.now();
        this.health = this.look();
      }
      // Whoever comes while somebody looks waits for what is found.
      if ((await this.health) === undefined) return;
      await new Promise((resolve) => setTimeout(resolve, healthEveryMs / 4));
    }
  }

  private async look(): Promise<string | undefined> {
    try {
      this.watch ??= await openSession(this.databaseUrl, { purpose: "watching the server", readOnly: true });
      const found = await complaint(this.watch, this.limits);
      if (found !== undefined) this.tell("health", `pausing: ${found}`);
      return found;
    } catch {
      // No reason to stop: the batches have their own way with a lost connection. The next look opens a new session.
      await this.end();
      return undefined;
    }
  }

  /** Closes what the run holds open. */
  async end(): Promise<void> {
    const watch = this.watch;
    this.watch = undefined;
    await watch?.end().catch(() => undefined);
  }
}

const number = (value: number): string => Math.round(value).toLocaleString("en-US");
