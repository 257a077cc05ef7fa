-- What the monitoring views say, against what is so. Run in the end only: before, they may not be there.
select 'a view tells another state' as rule, coalesce(m.credential_id, s.id)::text as what
  from wallet_status_monitoring m full join ledger.standing s on s.id = m.credential_id
 where m.migration_status is distinct from s.state or m.vault_stored is true is distinct from s.flagged
union all
select 'a view counts other wallets', sum(wallets)::text
  from vault_storage_status
having coalesce(sum(wallets), 0) <> (select count(*) from ledger.standing)
order by 1, 2
