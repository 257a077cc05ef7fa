/**
 * Decides, in SQL that knows nothing of the program, whether writers and transfers running side by side lost or
 * invented a key. `auditTriggers` records every committed value by trigger; each check returns the wallets that break a rule.
 */
const real = (value: string): string => `(btrim(${value}, E' \\t\\n\\r') <> '' and ${value} <> 'MIGRATION_REQUIRED')`;

export const auditTriggers = `
  create table source_value (credential_id uuid, key text);
  create table vault_change (n bigserial, credential_id uuid, op text, old_key text, new_key text, by_transfer boolean);
  create function audit_source() returns trigger language plpgsql as $$
  begin
    insert into source_value values (new.id, new.metadata ->> 'private_key_encrypted'),
                                    (new.id, new.metadata #>> '{vault_storage,encrypted_private_key}');
    return null;
  end $$;
  create function audit_vault() returns trigger language plpgsql as $$
  begin
    insert into vault_change (credential_id, op, old_key, new_key, by_transfer)
    values (case when tg_op = 'DELETE' then old.credential_id else new.credential_id end, tg_op,
            case when tg_op <> 'INSERT' then old.encrypted_private_key end,
            case when tg_op <> 'DELETE' then new.encrypted_private_key end,
            current_setting('application_name') like 'wallet-vault%');
    return null;
  end $$;
  insert into source_value select id, metadata ->> 'private_key_encrypted' from project_credentials;
  create trigger audit_source after insert or update of metadata on project_credentials
    for each row execute function audit_source();
  create trigger audit_vault after insert or update or delete on credential_vault_storage
    for each row execute function audit_vault();`;

/** Each rule, and the SQL for the wallets that break it. */
export const rules: Readonly<Record<string, string>> = {
  // Writers of the test keep a journal of what they committed last for each wallet.
  "every key that a writer committed last is in metadata or in the vault": `
    select j.credential_id from journal j join project_credentials c on c.id = j.credential_id
      left join credential_vault_storage v on v.credential_id = c.id
     where j.key is not null
       and j.key is distinct from c.metadata ->> 'private_key_encrypted' and j.key is distinct from v.encrypted_private_key`,
  "a transfer writes only what was a source value of that wallet": `
    select w.credential_id from vault_change w
     where w.by_transfer and not exists (select from source_value s where s.credential_id = w.credential_id and s.key = w.new_key)`,
  "a transfer overwrites no key and deletes no row": `
    select w.credential_id from vault_change w
     where w.by_transfer and (w.op = 'DELETE' or (w.op = 'UPDATE' and ${real("w.old_key")} and w.old_key <> w.new_key))`,
  "no flag claims a key that the vault does not hold": `
    select c.id from project_credentials c left join credential_vault_storage v on v.credential_id = c.id
     where c.vault_stored and (v.id is null or not ${real("v.encrypted_private_key")})`,
  "no wallet with a key in metadata only is left": `
    select c.id from project_credentials c left join credential_vault_storage v on v.credential_id = c.id
     where ${real("(c.metadata ->> 'private_key_encrypted')")} and (v.id is null or not ${real("v.encrypted_private_key")})`,
  "every wallet that is stored is flagged": `
    select c.id from project_credentials c join credential_vault_storage v on v.credential_id = c.id
     where v.encrypted_private_key = c.metadata ->> 'private_key_encrypted' and ${real("v.encrypted_private_key")}
       and c.vault_stored is not true`,
};
