-- What the checker knows, written down before the first run and by the applications that write meanwhile. Nothing of
-- it is known to the program under test.
create schema ledger;

-- The real values at the two places where a key may be.
create function ledger.sources(document jsonb) returns table (key text) language sql stable as $$
  select distinct place.value #>> '{}'
    from (values (document -> 'private_key_encrypted'), (document -> 'vault_storage' -> 'encrypted_private_key')) place (value)
   where jsonb_typeof(place.value) = 'string'
     and place.value #>> '{}' !~ '^\s*$'
     and place.value #>> '{}' <> 'MIGRATION_REQUIRED'
$$;

-- Every wallet as the applications left it.
create table ledger.wallet as
select row_number() over () as n, id, metadata, false as touched, false as deleted, vault_stored is true as flagged
  from project_credentials;
alter table ledger.wallet add primary key (id);
create sequence ledger.wallet_n;
select setval('ledger.wallet_n', (select max(n) from ledger.wallet));
create unique index on ledger.wallet (n);

-- Every key that a wallet ever had.
create table ledger.key as
select c.id, source.key from project_credentials c cross join lateral ledger.sources(c.metadata) source;
create index on ledger.key (id);

-- The vault before the first run.
create table ledger.vault as
select credential_id, encrypted_private_key as key from credential_vault_storage;

-- How every wallet stands now.
create view ledger.standing as
select c.id, c.vault_stored is true as flagged, c.vault_backup_date, c.metadata, v.stored, s.sources, v.rows,
       case when s.sources > 1 then 'ambiguousSource'
            when v.stored is not null then case when s.sources = 0 or s.source = v.stored then 'stored' else 'conflict' end
            when s.sources = 1 then 'pending'
            when jsonb_typeof(c.metadata -> 'private_key_encrypted') in ('number', 'object', 'array', 'boolean') then 'unreadableSource'
            else 'missingKey' end as state
  from project_credentials c
 cross join lateral (select count(*) as sources, min(key) as source from ledger.sources(c.metadata)) s
 cross join lateral (
   select count(*) as rows, max(case when encrypted_private_key !~ '^\s*$' and encrypted_private_key <> 'MIGRATION_REQUIRED'
                                     then encrypted_private_key end) as stored
     from credential_vault_storage where credential_id = c.id) v;

-- One write of an application, and what it wrote, in one transaction.
create function ledger.write(what text) returns void language plpgsql as $$
declare
  chosen uuid;
  document jsonb;
  new_key text := '0x' || encode(sha256(convert_to(random()::text || clock_timestamp(), 'UTF8')), 'hex');
begin
  if what = 'add' then
    insert into project_credentials (project_id, credential_type, network, key_vault_id, metadata)
    values (gen_random_uuid(), 'ethereum_wallet', 'sepolia', 'new-' || gen_random_uuid(), jsonb_build_object('private_key_encrypted', new_key))
    returning id, metadata into chosen, document;
    insert into ledger.wallet values (nextval('ledger.wallet_n'), chosen, document, true, false, false);
    insert into ledger.key values (chosen, new_key);
    return;
  end if;
  select w.id into chosen from ledger.wallet w
   where w.n = 1 + floor(random() * (select last_value from ledger.wallet_n))::int8;
  -- The wallet first, as every application would: the ledger follows.
  if what = 'delete' then
    delete from project_credentials where id = chosen;
    update ledger.wallet set deleted = true where id = chosen;
  elsif what = 'rekey' then
    update project_credentials
       set metadata = coalesce(metadata, '{}') || jsonb_build_object('private_key_encrypted', new_key)
     where id = chosen returning metadata into document;
    if found then
      insert into ledger.key values (chosen, new_key);
      update ledger.wallet set metadata = document, touched = true where id = chosen;
    end if;
  else
    update project_credentials set status = what where id = chosen;
  end if;
end $$;
analyze;
