import { identitySql, identityTable } from "../key-identity/identity-sql";
import { holdsKey } from "../key-transfer/key-in-text";
import { walletStateSql } from "../key-transfer/wallet-state";
import type { SchemaFacts, Wallets } from "../key-transfer/wallets";

/** Options of both views: nobody's function sees a row before the view's own conditions have been applied. */
export const monitoringOptions = { security_barrier: true };

/**
 * The select statements of the two monitoring views. They share their definition of a state with the transfer, and no
 * column holds or derives from a key's value; an address that holds one is null.
 *
 * @param proofs whether the table of proofs is there; the column `identity` is null without it
 */
export function monitoringViews(
  wallets: Wallets,
  schemaFacts: SchemaFacts,
  proofs = false,
): { walletStatus: string; storageStatus: string } {
  const stateSql = walletStateSql(wallets, schemaFacts);
  const from = `from ${stateSql.from()} where ${stateSql.inScope}`;
  // The columns of a view are only ever added to at the end: PostgreSQL could not replace an older view otherwise.
  const identity = proofs ? identitySql(stateSql, identityTable(wallets)) : { ...stateSql, identity: "null::text" };
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
             c.vault_stored, c.vault_backup_date,
             ${identity.identity} as identity
        from ${identity.from()} where ${stateSql.inScope}`,
    storageStatus: `
      select n.credential_type, n.network, n.status, count(*) as wallets
        from (select ${grouped("credential_type")}, ${grouped("network")},
                     case when ${inVault} then 'vault_stored' when ${inMetadata} then 'metadata_fallback'
                          else 'no_backup' end as status
                ${from}) n
       group by 1, 2, 3`,
  };
}
