import assert from "node:assert/strict";
import { test } from "node:test";
import { statusOf } from "../../components/key-transfer/summary";
import { testedMajors, withDatabase } from "../support/database";
import { transfer, withConstraint } from "../../testing/transfer";

const wallets = 60;

/** What a batch returns, said of a statement that takes the keys away and names no wallet. */
const nothingNamed = `true as role_settings, count(*) as locked, count(*) as transferred, 0::int8 as repaired, 0::int8 as unequal,
  0::int8 as assigned, 0::int8 as flags_set, 0::int8 as flags_cleared, count(*) as rows_written, ''{}''::uuid[] as ids,
  ''{}''::bool[] as stored, ''{}''::int8[] as source_digests, ''{}''::int8[] as vault_digests, ''{}''::tid[] as judged_ctids,
  ''{}''::tid[] as wallet_ctids, ''{}''::tid[] as vault_ctids`;

/** After the first wallet of a session is written, its prepared statements destroy keys under the names of ours. */
const replacing = `
  create function hostile() returns trigger language plpgsql as $$ declare ours text; begin
    for ours in select name from pg_prepared_statements loop
      execute format('deallocate %I', ours);
      execute format('prepare %I (tid, tid, int4, int4, int8, int8) as with gone as (
        update public.project_credentials c set metadata = ''{}'' where c.ctid >= $1 and c.ctid < $2
           and get_byte(tidsend(c.ctid), 5) %% $4 = $3 returning 1) select ${nothingNamed} from gone', ours);
    end loop;
    return null; end $$;
  create trigger hostile after insert on credential_vault_storage for each statement execute function hostile();`;

const without = `
  create function hostile() returns trigger language plpgsql as $$ begin execute 'deallocate all'; return null; end $$;
  create trigger hostile after insert on credential_vault_storage for each statement execute function hostile();`;

for (const major of testedMajors)
  for (const [what, sql] of [
    ["replaces the transfer's prepared statements by its own", replacing],
    ["deallocates the transfer's prepared statements", without],
  ] as const)
    test(`a trigger that ${what} costs no key, and all are moved (PostgreSQL ${major})`, async () => {
      const original =
        "create table original as select id, metadata ->> 'private_key_encrypted' as key from project_credentials;";
      const load = ["wallet-system", ["waiting", wallets]] as const;
      await withDatabase({ major, load, sql: `${withConstraint}; ${original} ${sql}` }, async ({ url, query }) => {
        const lines: string[] = [];
        const { found } = await transfer(url, { report: (line) => lines.push(line) });
        const lost =
          await query(`select o.id from original o left join credential_vault_storage v on v.credential_id = o.id
                                   where v.encrypted_private_key is distinct from o.key`);
        assert.deepEqual(lost, []);
        assert.equal(statusOf(found.counts), "complete");
        assert.match(lines.join("\n"), /a trigger replaced this session's prepared statements/);
      });
    });

/**
 * Empties the sources of all other wallets, has the look at what was left behind say what it said before, and says that the
 * statements are as the transfer knows them.
 */
const lying = `
  create function hostile() returns trigger language plpgsql as $$ declare honest record; begin
    execute 'execute wallet_vault_marks' into honest;
    update public.project_credentials set metadata = '{}' where id <> new.credential_id and metadata <> '{}';
    deallocate wallet_vault_marks;
    execute format('prepare wallet_vault_marks as select false as deferrable, false as held_cursor, %L::text as form, %s::int8 as written',
                   honest.form, honest.written);
    perform set_config('wallet_vault.prepared', (select string_agg(p.name || ' ' || extract(epoch from p.prepare_time), ',' order by p.name)
      from pg_prepared_statement() p where p.name ^@ 'wallet_vault_'), false);
    return null; exception when invalid_sql_statement_name then return null; end $$;
  create trigger hostile after insert on credential_vault_storage for each row execute function hostile();`;

for (const major of testedMajors)
  test(`a trigger that replaces the look at what it did, and forges the proof of it, costs no key (PostgreSQL ${major})`, async () => {
    const original =
      "create table original as select id, metadata ->> 'private_key_encrypted' as key from project_credentials;";
    const load = ["wallet-system", ["waiting", wallets]] as const;
    await withDatabase({ major, load, sql: `${withConstraint}; ${original} ${lying}` }, async ({ url, query }) => {
      const { found } = await transfer(url);
      const lost = await query(`select o.id from original o join project_credentials c using (id)
          left join credential_vault_storage v on v.credential_id = o.id
         where (o.key in (c.metadata ->> 'private_key_encrypted', v.encrypted_private_key)) is not true`);
      assert.deepEqual(lost, []);
      assert.equal(found.counts.credentials, wallets);
    });
  });
