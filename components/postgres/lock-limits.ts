/** How long a statement may hold up others while it waits for a lock, and for how long it is tried again. */
export interface LockLimits {
  /**
   * Milliseconds in the lock queue before it lets go, 1 to 60000. Everyone who comes later waits behind it.
   *
   * @default 500
   */
  readonly lockTimeoutMs: number;
  /**
   * Minutes of trying again before it gives up, more than 0.
   *
   * @default 10
   */
  readonly lockDeadlineMinutes: number;
}

export const defaultLockLimits: LockLimits = { lockTimeoutMs: 500, lockDeadlineMinutes: 10 };
