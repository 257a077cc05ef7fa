import { defaultLockLimits } from "./lock-limits";
import type { Report } from "./report";

/** A moment of the monotonic clock: setting the machine's clock neither brings it nearer nor puts it off. */
export class Deadline {
  private readonly at: number;

  /** @param minutes from now on, 0 or more */
  constructor(readonly minutes: number) {
    this.at = performance.now() + minutes * 60_000;
  }

  get minutesLeft(): number {
    return (this.at - performance.now()) / 60_000;
  }

  get passed(): boolean {
    return performance.now() >= this.at;
  }
}

/** How long to wait for something that others hold, and whom to tell. */
export interface LockWait {
  /** Milliseconds in a lock queue before letting go: whoever comes later waits behind. */
  readonly lockTimeoutMs: number;
  readonly deadline: Deadline;
  readonly report: Report;
}

/** The limits of a wait, as configured. */
export interface WaitLimits {
  readonly lockTimeoutMs: number;
  readonly lockDeadlineMinutes: number;
  /** 0: no bound of its own. */
  readonly maxMinutes: number;
}

/** As configuration.ts has them; for the state of an older version, which may not hold them. */
export const defaultWaitLimits: WaitLimits = { ...defaultLockLimits, maxMinutes: 0 };

/** A wait that begins now: it lasts `lockDeadlineMinutes`, and no longer than `maxMinutes` where that is set. */
export function lockWaitOf(limits: WaitLimits, report: Report): LockWait {
  const { lockTimeoutMs, lockDeadlineMinutes, maxMinutes } = limits;
  const minutes = maxMinutes > 0 ? Math.min(lockDeadlineMinutes, maxMinutes) : lockDeadlineMinutes;
  return { lockTimeoutMs, deadline: new Deadline(minutes), report };
}
