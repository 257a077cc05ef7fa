import assert from "node:assert/strict";
import { test } from "node:test";
import { applyConstraint } from "../../components/unique-constraint/apply";
import { applyView } from "../../components/view/apply";
import { deleteView } from "../../components/view/delete";
import type { ViewInputs } from "../../components/view/args";
import { type Database, testedMajors, withDatabase } from "../support/database";
import { sprung, traps } from "../support/traps";
import { items } from "./view-sandbox";

const inputs: ViewInputs = {
  ...items,
  schema: "public",
  name: "wallet_ids",
  query:
    "select 'w-'::text || c.id as wallet, jsonb_build_object('a', 1::int8) as doc, c.id = c.project_id as same from public.project_credentials c",
};
const constraint = {
  schema: "public",
  table: "credential_vault_storage",
  columns: ["credential_id"],
  name: "credential_vault_storage_credential_id_key",
  indexDeadlineMinutes: 1,
  lockTimeoutMs: 500,
  lockDeadlineMinutes: 1,
};
const quiet = () => undefined;

/** Names its table without a schema, in a path of the role's own. */
const auditing = `create schema side; create table side.ddl_log (tag text);
  do $$ begin execute pg_catalog.format('alter role current_user in database %I set search_path = side, public, pg_catalog', current_database()); end $$;
  create function side.log_ddl() returns event_trigger language plpgsql as $$ begin insert into ddl_log values (tg_tag); end $$;
  create event trigger log_ddl on ddl_command_end execute function side.log_ddl();
  create event trigger log_start on ddl_command_start execute function side.log_ddl();`;
const forbidding = (event: string): string => `
  create function no_ddl() returns event_trigger language plpgsql as $$ begin raise exception 'frozen, secret=0xTESTKEY'; end $$;
  create event trigger no_ddl on ${event} execute function no_ddl();`;

const tags = async ({ query }: Database): Promise<string[]> =>
  (await query<{ tag: string }>("select distinct tag from side.ddl_log order by 1")).map(({ tag }) => tag);

for (const major of testedMajors) {
  const load = ["wallet-system"] as const;

  test(`event triggers find the role's own path, with every statement of ours (PostgreSQL ${major})`, async () => {
    await withDatabase({ major, load, sql: auditing }, async (database) => {
      await applyConstraint(database.url, constraint, quiet);
      const made = await applyView(database.url, inputs, undefined, quiet);
      await deleteView(database.url, made, quiet);
      assert.deepEqual(await tags(database), ["ALTER TABLE", "CREATE INDEX", "CREATE VIEW", "DROP VIEW"]);
    });
  });

  // Where a trap is found in the role's path, the view is made under our own, and event triggers find that one.
  test(`a view is made of pg_catalog's own functions and operators, whatever the role's path has (PostgreSQL ${major})`, async () => {
    await withDatabase(
      { major, load, sql: traps() + auditing.replaceAll("ddl_log values", "side.ddl_log values") },
      async (database) => {
        const { definition } = await applyView(database.url, inputs, undefined, quiet);
        await database.query(`insert into project_credentials (project_id, credential_type) values (gen_random_uuid(), 'w');
        select * from wallet_ids`);
        assert.deepEqual(await sprung(database), []);
        assert.doesNotMatch(definition, /public\.\|\||public\.jsonb_build_object|OPERATOR\(public/);
      },
    );
  });

  test(`a view that an event trigger replaces is not taken for the declared one (PostgreSQL ${major})`, async () => {
    const replacing = `create function swap() returns event_trigger language plpgsql as $$ begin
        if to_regclass('public.wallet_ids') is null or current_setting('swap.done', true) = 'yes' then return; end if;
        perform set_config('swap.done', 'yes', true);
        create or replace view public.wallet_ids with (security_barrier = true) as
          select c.metadata ->> 'private_key_encrypted' as wallet, '{}'::jsonb as doc, true as same from public.project_credentials c;
        perform set_config('swap.done', '', true);
      end $$;
      create event trigger swap on ddl_command_end when tag in ('CREATE VIEW') execute function swap();`;
    await withDatabase({ major, load, sql: replacing }, async (database) => {
      await assert.rejects(applyView(database.url, inputs, undefined, quiet), {
        code: "ERR_VIEW_NOT_PROVEN",
        message: /its definition was changed/,
      });
      assert.deepEqual(await database.query("select to_regclass('public.wallet_ids') as view"), [{ view: null }]);
    });
  });

  for (const event of ["ddl_command_start", "ddl_command_end"])
    test(`an event trigger that forbids it is named, and its text is not told (${event}, PostgreSQL ${major})`, async () => {
      await withDatabase({ major, load, sql: forbidding(event) }, async (database) => {
        const asExpected = (error: Error): boolean => {
          assert.match(error.message, /P0001 raise_exception.*no_ddl/);
          assert.doesNotMatch(error.message, /frozen|TESTKEY/);
          return true;
        };
        await assert.rejects(applyView(database.url, inputs, undefined, quiet), asExpected);
        await assert.rejects(applyConstraint(database.url, constraint, quiet), asExpected);
      });
    });

  // Each means something else where PostgreSQL itself reports it: a lost connection, dependants, a query it does not accept.
  test(`an event trigger is named whatever SQLSTATE it raises, and nothing else is blamed (PostgreSQL ${major})`, async () => {
    await withDatabase({ major, load }, async (database) => {
      const made = await applyView(database.url, inputs, undefined, quiet);
      for (const code of ["57P01", "08006", "2BP01", "42501", "42601", "42P16", "0A000", "22012"]) {
        const raising = `begin raise exception using errcode = '${code}', message = 'frozen, secret=0xTESTKEY'; end`;
        await database.query(`
          create or replace function no_ddl() returns event_trigger language plpgsql as $$ ${raising} $$;
          create event trigger no_ddl on ddl_command_start when tag in ('CREATE VIEW', 'DROP VIEW', 'CREATE INDEX')
            execute function no_ddl()`);
        const asExpected = (error: Error): boolean => {
          assert.match(error.message, new RegExp(`code of this database raised ${code} .*no_ddl`));
          assert.doesNotMatch(error.message, /frozen|TESTKEY/);
          return true;
        };
        await assert.rejects(applyView(database.url, inputs, made.owner, quiet), asExpected);
        await assert.rejects(deleteView(database.url, made, quiet), asExpected);
        await assert.rejects(applyConstraint(database.url, constraint, quiet), asExpected);
        await database.query("drop event trigger no_ddl");
      }
    });
  });
}
