import type { Client } from "../postgres/connection";
import type { LockWait } from "../postgres/deadline";
import { withReaderLocks } from "../postgres/reader-locks";
import { tablesOf, type Wallets } from "./wallets";

/**
 * Runs `look` in a read-only transaction that holds both tables; see withReaderLocks.
 *
 * @param what the work, for the message: `counting the wallets`
 * @throws WalletVaultError ERR_LOCK_DEADLINE
 */
export const withTablesLocked = <T>(
  client: Client,
  wallets: Wallets,
  what: string,
  lockWait: LockWait,
  look: () => Promise<T>,
): Promise<T> => withReaderLocks(client, tablesOf(wallets), what, lockWait, look);
