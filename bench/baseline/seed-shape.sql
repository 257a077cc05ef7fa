-- The shape that migrations of this kind are often written in: NOT EXISTS besides ON CONFLICT.
begin;
alter table credential_vault_storage
  add constraint credential_vault_storage_credential_id_key unique (credential_id);
insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
select c.id,
       coalesce(c.metadata ->> 'private_key_vault_id', 'vault-' || c.key_vault_id),
       c.metadata ->> 'private_key_encrypted'
  from project_credentials c
 where c.metadata ->> 'private_key_encrypted' is not null
   and not exists (select 1 from credential_vault_storage v where v.credential_id = c.id)
on conflict (credential_id) do nothing;
update project_credentials
   set vault_stored = true, vault_backup_date = now()
 where id in (select credential_id from credential_vault_storage);
commit;
