import { standing } from "./key-transfer/standing";
import type { Shape, Wallets } from "./key-transfer/wallets";

/** Options of both views: nobody's function sees a row before the view's own conditions have been applied. */
export const monitoringOptions = { security_barrier: true };

/**
 * The select statements of the two monitoring views. They share their definition of a state with the transfer, and no
 * column holds or derives from a key's value.
 */
export function monitoringViews(wallets: Wallets, shape: Shape): { walletStatus: string; storageStatus: string } {
  const by = standing(wallets, shape);
  const from = `from ${by.credentials} left join ${by.vault} on v.credential_id = c.id where ${by.concerned}`;
  const inVault = `${by.vaultKey} is not null`;
  const inMetadata = `${by.source} is not null`;
  return {
    walletStatus: `
      select c.id as credential_id, c.project_id, c.credential_type, c.network, c.wallet_address,
             case when ${inVault} and ${inMetadata} then 'both' when ${inVault} then 'vault'
                  when ${inMetadata} then 'metadata' else 'none' end as storage_method,
             case when v.credential_id is null then 'absent' when ${inVault} then 'stored' else 'placeholder' end as vault_status,
             (${by.state}) = 'missingKey' as needs_regeneration,
             ${by.state} as migration_status,
             c.vault_stored, c.vault_backup_date
        ${from}`,
    storageStatus: `
      select w.credential_type, w.network, w.status, count(*) as wallets
        from (select c.credential_type, c.network,
                     case when ${inVault} then 'vault_stored' when ${inMetadata} then 'metadata_fallback'
                          else 'no_backup' end as status
                ${from}) w
       group by 1, 2, 3`,
  };
}
