import assert from "node:assert/strict";
import { test } from "node:test";
import { refusalReason, statusOf } from "../../components/key-transfer/summary";
import { server, testedMajors, withDatabase } from "../support/database";
import { sprung, traps } from "../support/traps";
import { transfer, withConstraint } from "../../testing/transfer";

/** The tables' owner, with public before everything else: who may create there stands before pg_catalog. */
const owner = (role: string): string => `
  do $$ begin if not exists (select from pg_roles where rolname = '${role}') then create role ${role} login bypassrls password 'x'; end if; end $$;
  grant usage, create on schema public to ${role};
  alter table project_credentials owner to ${role}; alter table credential_vault_storage owner to ${role};
  alter function touch_updated_at() owner to ${role};
  do $$ begin execute format('alter role ${role} in database %I set search_path = public, pg_catalog', current_database()); end $$;`;

/** Everything that a transfer may meet: all states, a wallet whose trigger refuses it, a poison row, an id that is taken. */
const everything = `${withConstraint};
  update project_credentials set vault_stored = true where key_vault_id in ('kv-1', 'kv-2');
  update project_credentials set metadata = '{}' where key_vault_id = 'kv-2';
  update project_credentials set key_vault_id = 'shared' where key_vault_id in ('kv-3', 'kv-4');
  insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
    select id, 'empty', '' from project_credentials where key_vault_id = 'kv-5';
  alter table credential_vault_storage add constraint not_six check (vault_id <> 'vault-kv-6');`;

for (const major of testedMajors)
  for (const column of ["jsonb", "json"])
    test(`no function, operator or aggregate of another role is called (${column}, PostgreSQL ${major})`, async () => {
      const role = `trapped_${major}`;
      // As some applications' triggers do, and for the whole session, not for its transaction.
      const setsPath = `create function sets_path() returns trigger language plpgsql as $$ begin
          perform set_config('search_path', 'public, pg_catalog', false); return new; end $$;
        create trigger sets_path before insert on credential_vault_storage for each row execute function sets_path();`;
      const sql = `${everything} ${setsPath} alter table project_credentials alter metadata type ${column} using metadata::${column};
        ${owner(role)} ${traps()}`;
      await withDatabase({ major, load: ["wallet-system", ["waiting", 40]], sql }, async (database) => {
        const url = new URL(database.url);
        url.username = role;
        url.password = "x";
        const { found, refusals } = await transfer(url.toString(), { limits: { batchTargetMs: 10 } });
        assert.deepEqual(await sprung(database), []);
        assert.deepEqual(refusals.map(refusalReason), ["23514 check_violation, constraint not_six"]);
        assert.deepEqual(
          [statusOf(found.counts), found.counts.states.stored, found.counts.states.missingKey],
          ["incomplete", 38, 1],
        );
      });
    });

test("the traps catch a session that leaves the role's path as it is", async () => {
  const role = "trapped_control";
  await withDatabase(
    { load: ["wallet-system", ["waiting", 3]], sql: `${owner(role)} ${traps()}` },
    async (database) => {
      await server();
      const url = new URL(database.url);
      url.username = role;
      url.password = "x";
      const session = await database.session(url.toString());
      await session.query("select 'vault-'::text || id, jsonb_build_object('a', 1::int8) from project_credentials");
      assert.deepEqual(await sprung(database), ["jsonb_build_object", "|| text uuid"]);
    },
  );
});
