import { type Client, withTransaction } from "../postgres/connection";
import type { LockWait } from "../postgres/deadline";
import { sqlstateOf, WalletVaultError } from "../postgres/errors";
import { howLong, howToEnd, waitingFor } from "../postgres/lock-retry";
import { backOff, retry, throttled } from "../postgres/retry";
import { lockNotAvailable } from "../postgres/sqlstate";
import { lockTables, sessionsBlockingReaders } from "./sql/lock-tables";
import type { Wallets } from "./wallets";

const firstPauseMs = 100;

/**
 * Runs `look` in a read-only transaction that holds both tables, so that nobody rewrites, empties or drops them meanwhile.
 *
 * A statement that begins to wait for a lock has its snapshot already. Where it waits behind a rewriting ALTER TABLE, it
 * finds the new table empty, for all its rows are younger than that snapshot (PostgreSQL manual, 13.6). Here the locks come
 * first, and READ COMMITTED gives every statement of `look` a snapshot that is younger than they are.
 *
 * @param what the work, for the message: `counting the wallets`
 * @throws WalletVaultError ERR_LOCK_DEADLINE
 */
export async function withTablesLocked<T>(
  client: Client,
  wallets: Wallets,
  what: string,
  lockWait: LockWait,
  look: () => Promise<T>,
): Promise<T> {
  const report = throttled(lockWait.report);
  const locked = (): Promise<T> =>
    withTransaction(client, "read only", async () => {
      await lockTables(client, wallets, lockWait.lockTimeoutMs);
      return await look();
    });
  return retry(backOff(firstPauseMs), locked, async (error) => {
    if (sqlstateOf(error) !== lockNotAvailable) return false;
    const others = await sessionsBlockingReaders(client, wallets);
    const whom = waitingFor(others);
    if (lockWait.deadline.passed) {
      throw new WalletVaultError(
        "ERR_LOCK_DEADLINE",
        `${what}: the tables were locked for ${minutes(lockWait.deadline.minutes)}, ${whom}.`,
        `Nothing is changed by looking, and what was moved before stays moved; ${howToEnd(others)}, or run again at a quieter time.`,
      );
    }
    report(others.map(({ pid }) => pid).join(" "), `${what}: ${whom}; ${howLong(lockWait.deadline, others)}`);
    return true;
  });
}

const minutes = (n: number): string => `${n} minute${n === 1 ? "" : "s"}`;
