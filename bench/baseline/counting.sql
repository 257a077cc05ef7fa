-- What a person would write to count the wallets by state: the least that any look at all of them costs.
select case when c.metadata ->> 'private_key_encrypted' <> c.metadata #>> '{vault_storage,encrypted_private_key}' then 'ambiguousSource'
            when v.encrypted_private_key is not null then
              case when coalesce(c.metadata ->> 'private_key_encrypted', c.metadata #>> '{vault_storage,encrypted_private_key}',
                                 v.encrypted_private_key) = v.encrypted_private_key then 'stored' else 'conflict' end
            when coalesce(c.metadata ->> 'private_key_encrypted', c.metadata #>> '{vault_storage,encrypted_private_key}') is not null then 'pending'
            else 'missingKey' end as state,
       c.vault_stored is true as flagged, count(*)
  from project_credentials c
  left join credential_vault_storage v on v.credential_id = c.id
 group by 1, 2;
