-- The verdict: a row for everything that is not as it must be. $1 is false after a kill, where only what may never
-- happen counts, and true after the run that had to put everything right.
select rule, what from (
  -- At every instant.
  select true as always, 'a wallet is gone' as rule, w.id::text as what
    from ledger.wallet w where not w.deleted and not exists (select from project_credentials c where c.id = w.id)
  union all
  select true, 'metadata is not what the application wrote', w.id::text
    from ledger.wallet w join project_credentials c using (id) where c.metadata is distinct from w.metadata
  union all
  select true, 'the vault holds what never was a key of its wallet', s.id::text
    from ledger.standing s
   where s.stored is not null
     and not exists (select from ledger.key k where k.id = s.id and k.key = s.stored)
     and not exists (select from ledger.vault b where b.credential_id = s.id and b.key = s.stored)
  union all
  select true, 'a key that was in the vault is gone or another', s.id::text
    from ledger.vault b join ledger.standing s on s.id = b.credential_id
   where b.key <> '' and s.stored is distinct from b.key
  union all
  select true, 'several vault rows for a wallet', s.id::text from ledger.standing s where s.rows > 1
  union all
  select true, 'a new flag claims a key that is not there', s.id::text
    from ledger.standing s join ledger.wallet w using (id) where s.flagged and not w.flagged and s.stored is null
  union all
  select true, 'a new flag has no date', s.id::text
    from ledger.standing s join ledger.wallet w using (id)
   where s.flagged and not w.flagged and s.vault_backup_date is null
  union all
  select true, 'half-way: a new key in the vault, and no flag', s.id::text
    from ledger.standing s
   where s.stored is not null and not s.flagged
     and not exists (select from ledger.vault b where b.credential_id = s.id and b.key <> '')
  union all
  select true, 'a view that strangers may read', c.relname::text
    from pg_class c cross join lateral aclexplode(c.relacl) a
   where c.relname in ('wallet_status_monitoring', 'vault_storage_status') and a.grantee <> c.relowner

  -- In the end.
  union all
  select false, 'a key is not in the vault', s.id::text from ledger.standing s where s.state = 'pending'
  union all
  select false, 'a flag is missing', s.id::text from ledger.standing s where s.state = 'stored' and not s.flagged
  union all
  select false, 'a flag claims what is not so', s.id::text from ledger.standing s where s.flagged and s.stored is null
  union all
  select false, 'not as the fixture expects', e.credential_id::text
    from expected_state e
    join ledger.wallet w on w.id = e.credential_id and not w.touched and not w.deleted
    left join ledger.standing s on s.id = e.credential_id
   where s.state is distinct from e.after or (e.after = 'stored' and s.stored is distinct from e.key)
  union all
  select false, 'a build left its index behind', i.indexrelid::regclass::text
    from pg_index i where not (i.indisvalid and i.indisready and i.indislive)
  union all
  select false, 'the constraint is not one valid unique constraint', count(*)::text
    from pg_index i
    left join pg_constraint k on k.conindid = i.indexrelid and k.contype = 'u' and k.convalidated and not k.condeferrable
   where i.indrelid = 'public.credential_vault_storage'::regclass and i.indisunique and i.indnatts = 1
     and (select a.attname from pg_attribute a where a.attrelid = i.indrelid and a.attnum = i.indkey[0]) = 'credential_id'
  having count(*) <> 1 or count(k.oid) <> 1 or max(k.conname) <> 'credential_vault_storage_credential_id_key'
  union all
  select false, 'a view is missing', name
    from unnest(array['wallet_status_monitoring', 'vault_storage_status']) name
   where to_regclass('public.' || name) is null
  union all
  select false, 'a session of ours is left', a.application_name || ', ' || coalesce(a.state, 'unknown state')
    from pg_stat_activity a where a.datname = current_database() and a.application_name like 'wallet-vault%'
  union all
  select false, 'a prepared transaction is left', p.gid from pg_prepared_xacts p where p.database = current_database()
) verdict
where always or $1::boolean
order by 1, 2
