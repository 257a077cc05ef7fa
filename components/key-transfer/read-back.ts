import { withClient } from "../postgres/connection";
import type { LockWait } from "../postgres/deadline";
import { waitForWalFlush } from "../postgres/wal-flush";
import { withTablesLocked } from "./locked-tables";
import { scanWallets, type WalletScan } from "./sql/open-wallets";
import { vaultForCount } from "./sql/state-counts";
import { walletStateSql } from "./wallet-state";
import type { SchemaFacts, Wallets } from "./wallets";

/** At most this many wallets are named in the outputs. */
export const attentionLimit = 20;

export type ReadBack = WalletScan;

/**
 * Looks again at every wallet, on a session of its own: what the summary says is what the database says, not what the
 * transfer believes. The answer is given only once all that it tells of is on disk.
 *
 * @param known ids of wallets of which it is known why they are left; they are named first
 * @throws WalletVaultError ERR_LOCK_DEADLINE
 */
export async function readBack(
  databaseUrl: string,
  wallets: Wallets,
  schemaFacts: SchemaFacts,
  lockWait: LockWait,
  known: readonly string[] = [],
): Promise<ReadBack> {
  const stateSql = walletStateSql(wallets, schemaFacts);
  return withClient(databaseUrl, { purpose: "reading back the wallets", readOnly: true }, async (client) => {
    const found = await withTablesLocked(client, wallets, "reading back the wallets", lockWait, async () =>
      scanWallets(client, wallets, stateSql, await vaultForCount(client, wallets, stateSql), attentionLimit, known),
    );
    await waitForWalFlush(client);
    return found;
  });
}
