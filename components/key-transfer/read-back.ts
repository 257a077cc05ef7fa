import { type Client, withClient } from "../postgres/connection";
import type { LockWait } from "../postgres/deadline";
import { waitForWalFlush } from "../postgres/wal-flush";
import { withTablesLocked } from "./locked-tables";
import { scanWallets, type WalletScan } from "./sql/open-wallets";
import { walletStateSql } from "./wallet-state";
import type { SchemaFacts, Wallets } from "./wallets";

/** The largest number of wallets that the outputs name. */
export const attentionLimit = 20;

export type ReadBack = WalletScan;

/**
 * Reads every wallet again, on a session of its own: the summary holds what the database says, not what the transfer believes.
 * It returns once everything it read is on disk.
 *
 * @param known ids of wallets whose refusal is known; they are named first
 * @throws WalletVaultError ERR_LOCK_DEADLINE; ERR_DATABASE where the log is not on disk at the deadline
 */
export async function readBack(
  databaseUrl: string,
  wallets: Wallets,
  schemaFacts: SchemaFacts,
  lockWait: LockWait,
  known: readonly string[] = [],
): Promise<ReadBack> {
  const stateSql = walletStateSql(wallets, schemaFacts);
  return readFlushed(databaseUrl, wallets, "reading back the wallets", lockWait, (client) =>
    scanWallets(client, wallets, stateSql, attentionLimit, known),
  );
}

/** Looks on a session of its own, with both tables locked for reading, and returns once all that it saw is on disk. */
export function readFlushed<T>(
  databaseUrl: string,
  wallets: Wallets,
  purpose: string,
  lockWait: LockWait,
  look: (client: Client) => Promise<T>,
): Promise<T> {
  return withClient(databaseUrl, { purpose, readOnly: true }, async (client) => {
    const found = await withTablesLocked(client, wallets, purpose, lockWait, () => look(client));
    await waitForWalFlush(client, lockWait.deadline);
    return found;
  });
}
