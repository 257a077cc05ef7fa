import { backOff } from "../postgres/back-off";
import { type Client, withTransaction } from "../postgres/connection";
import type { LockWait } from "../postgres/deadline";
import { sqlstateOf, WalletVaultError } from "../postgres/errors";
import { formatBlocker } from "../postgres/lock-retry";
import { lockNotAvailable } from "../postgres/sqlstate";
import { lockTables, sessionsBlockingReaders } from "./sql/lock-tables";
import type { Wallets } from "./wallets";

const firstPauseMs = 100;
/** The same line again only after this time. */
const sameAgainAfterMs = 30_000;

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
  const pause = backOff(firstPauseMs);
  let [told, toldAt] = ["", 0];
  for (;;) {
    try {
      return await withTransaction(client, "read only", async () => {
        await lockTables(client, wallets, lockWait.lockTimeoutMs);
        return await look();
      });
    } catch (error) {
      if (sqlstateOf(error) !== lockNotAvailable) throw error;
    }
    const others = await sessionsBlockingReaders(client, wallets);
    const whom = others.length > 0 ? `waiting for ${others.map(formatBlocker).join("; ")}` : "waiting for a lock";
    if (lockWait.deadline.passed) {
      throw new WalletVaultError(
        "ERR_LOCK_DEADLINE",
        `${what}: the tables were locked for ${minutes(lockWait.deadline.minutes)}, ${whom}.`,
        "Nothing is changed by looking, and what was moved before stays moved; end that session, or run again at a quieter time.",
      );
    }
    const gist = others.map(({ pid }) => pid).join(" ");
    if (gist !== told || performance.now() - toldAt > sameAgainAfterMs) {
      lockWait.report(`${what}: ${whom}`);
      [told, toldAt] = [gist, performance.now()];
    }
    await pause();
  }
}

const minutes = (n: number): string => `${n} minute${n === 1 ? "" : "s"}`;
