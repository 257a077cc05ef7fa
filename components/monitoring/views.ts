import { holdsKey } from "../key-transfer/key-in-text";
import { walletStateSql } from "../key-transfer/wallet-state";
import type { SchemaFacts, Wallets } from "../key-transfer/wallets";

/** Options of both views: nobody's function sees a row before the view's own conditions have been applied. */
export const monitoringOptions = { security_barrier: true };

/**
 * The select statements of the two monitoring views. They share their definition of a state with the transfer, and no
 * column holds or derives from a key's value; an address that holds one is null.
 */
export function monitoringViews(
  wallets: Wallets,
  schemaFacts: SchemaFacts,
): { walletStatus: string; storageStatus: string } {
  const stateSql = walletStateSql(wallets, schemaFacts);
  const from = `from ${stateSql.from()} where ${stateSql.inScope}`;
  const inVault = "w.vault_key is not null";
  const inMetadata = "w.source is not null";
  // A type without equality (json) cannot be grouped by.
  const grouped = (column: "credential_type" | "network"): string =>
    schemaFacts.ungroupable.includes(column) ? `c.${column}::text as ${column}` : `c.${column}`;
  return {
    // An address that gives the key away is hidden: whoever may read the view may not read keys. By a subquery, which keeps
    // the column's length, because another type would make PostgreSQL refuse to replace an older view.
    walletStatus: `
      select c.id as credential_id, c.project_id, c.credential_type, c.network,
             (select c.wallet_address where not ${holdsKey("c.wallet_address::text", stateSql.keys)}) as wallet_address,
             case when ${inVault} and ${inMetadata} then 'both' when ${inVault} then 'vault'
                  when ${inMetadata} then 'metadata' else 'none' end as storage_method,
             case when v.credential_id is null then 'absent' when ${inVault} then 'stored' else 'placeholder' end as vault_status,
             w.state = 'missingKey' as needs_regeneration,
             w.state as migration_status,
             c.vault_stored, c.vault_backup_date
        ${from}`,
    storageStatus: `
      select n.credential_type, n.network, n.status, count(*) as wallets
        from (select ${grouped("credential_type")}, ${grouped("network")},
                     case when ${inVault} then 'vault_stored' when ${inMetadata} then 'metadata_fallback'
                          else 'no_backup' end as status
                ${from}) n
       group by 1, 2, 3`,
  };
}
