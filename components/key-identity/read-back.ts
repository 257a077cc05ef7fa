import { attentionLimit, type ReadBack, readFlushed } from "../key-transfer/read-back";
import { scanWallets } from "../key-transfer/sql/open-wallets";
import { walletStateSql } from "../key-transfer/wallet-state";
import type { SchemaFacts, Wallets } from "../key-transfer/wallets";
import type { LockWait } from "../postgres/deadline";
import { identitySql, identityTable } from "./identity-sql";
import { walletsAt } from "./sql/wallets-at";
import { requireIdentityTable } from "./trusted-table";

/**
 * Reads every wallet and its proof again, on a session of its own, in one statement: states and findings add up, whatever
 * applications write meanwhile. It returns once all that it read is on disk.
 *
 * @throws WalletVaultError ERR_LOCK_DEADLINE, ERR_TABLE_MISSING, ERR_NAME_TAKEN; ERR_DATABASE where the log is not on disk at the deadline
 */
export async function readBackIdentity(
  databaseUrl: string,
  wallets: Wallets,
  schemaFacts: SchemaFacts,
  lockWait: LockWait,
  known: readonly string[] = [],
): Promise<ReadBack> {
  const stateSql = identitySql(walletStateSql(wallets, schemaFacts), identityTable(wallets));
  return readFlushed(databaseUrl, wallets, "reading back the proofs", lockWait, async (client) => {
    await requireIdentityTable(client, wallets, schemaFacts);
    const scan = await scanWallets(client, wallets, stateSql, attentionLimit, known);
    return { ...scan, open: await walletsAt(client, wallets, scan.open) };
  });
}
