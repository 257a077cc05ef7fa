import type { StateCounts } from "../components/key-transfer/states";

export type States = StateCounts;

/**
 * Every wallet with its state: design and words of README.md, "States", written a second time on purpose. It knows the
 * fixture (two key paths, one placeholder) and nothing of the program.
 */
const byHand = `
  select w.id, case when cardinality(source) > 1 then 'ambiguousSource'
                    when held is not null and (cardinality(source) = 0 or source[1] = held) then 'stored'
                    when held is not null then 'conflict'
                    when cardinality(source) = 1 then 'pending'
                    when odd then 'unreadableSource'
                    else 'missingKey' end as state
    from (select c.id,
                 array(select distinct x from unnest(array[
                   case when jsonb_typeof(c.metadata -> 'private_key_encrypted') = 'string'
                        then c.metadata ->> 'private_key_encrypted' end,
                   case when jsonb_typeof(c.metadata #> '{vault_storage,encrypted_private_key}') = 'string'
                        then c.metadata #>> '{vault_storage,encrypted_private_key}' end]) x
                  where x not in ('', 'MIGRATION_REQUIRED')) as source,
                 nullif(nullif(v.encrypted_private_key, ''), 'MIGRATION_REQUIRED') as held,
                 coalesce(jsonb_typeof(c.metadata -> 'private_key_encrypted') not in ('string', 'null'), false)
                   or coalesce(jsonb_typeof(c.metadata #> '{vault_storage,encrypted_private_key}')
                               not in ('string', 'null'), false) as odd
            from project_credentials c left join credential_vault_storage v on v.credential_id = c.id) w`;

export const statesByHand = `select state, count(*)::int as wallets from (${byHand}) s group by state`;

/** Wallets whose state is not the one that the fixture names for this moment. */
export const comparison = (moment: "before" | "after"): string => `
  select count(*)::int as wallets
    from expected_state e full join (${byHand}) s on s.id = e.credential_id
   where s.state is distinct from e.${moment}`;

/** Wallets that should be stored and whose vault row does not hold their key, and others whose vault row was touched. */
export const vaultMismatches = `
  select count(*)::int as wallets
    from expected_state e left join credential_vault_storage v using (credential_id)
   where v.encrypted_private_key is distinct from
         case e.after when 'stored' then e.key when 'conflict' then reverse(e.key) end`;
