import assert from "node:assert/strict";
import { test } from "node:test";
import { type Content, type Database, testedMajors, withDatabase } from "../support/database";
import { keyOf, pair, seed, TestStack } from "../support/identity";
import { withConstraint } from "../../testing/transfer";

const load: Content["load"] = ["wallet-system"];
const content = { load, sql: withConstraint };

/** The table as the program makes it, for others to make it first. */
const sameShape = `create table wallet_key_identity (credential_id uuid primary key, digest bytea not null, finding text not null,
  opens text, proven_at timestamptz not null);`;

const privileges = (database: Database): Promise<Record<string, unknown>[]> =>
  database.query(`select distinct coalesce(nullif(acl.grantee::regrole::text, '-'), 'PUBLIC') as who
    from pg_class c, aclexplode(c.relacl) acl where c.relname = 'wallet_key_identity' and acl.grantee <> c.relowner order by 1`);

const stranger = (database: Database): string => `stranger_${database.name}`;
const makeStranger = async (database: Database): Promise<string> => {
  const role = stranger(database);
  await database.query(`create role ${role}; grant usage, create on schema public to ${role}`);
  return role;
};
const dropStranger = (database: Database): Promise<unknown> =>
  database.query(`drop owned by ${stranger(database)} cascade; drop role ${stranger(database)}`);

for (const major of testedMajors) {
  test(`nobody but the owner gets a privilege on the table; one granted later is a diff, and revoked (PostgreSQL ${major})`, () =>
    withDatabase({ ...content, major }, async (database) => {
      const role = await makeStranger(database);
      await database.query(`alter default privileges in schema public grant all on tables to public, ${role}`);
      await seed(database, [pair(1)]);
      const stack = new TestStack(database);
      await stack.up();
      assert.deepEqual(await privileges(database), []);
      for (const grant of [
        "insert on wallet_key_identity to public",
        `select (digest) on wallet_key_identity to ${role}`,
        `all on wallet_key_identity to ${role} with grant option`,
      ]) {
        await database.query(`grant ${grant}`);
        assert.deepEqual((await stack.preview()).changes, ["table"], grant);
        await stack.up();
        assert.deepEqual((await stack.preview()).changes, [], grant);
        const [held] = await database.query(
          `select has_any_column_privilege('${role}', 'wallet_key_identity', 'select, insert, update') as held`,
        );
        assert.deepEqual(held, { held: false }, grant);
      }
      await dropStranger(database);
    }));

  test(`a table that another role made first stops the preview, and its rows are not believed (PostgreSQL ${major})`, () =>
    withDatabase({ ...content, major }, async (database) => {
      const role = await makeStranger(database);
      const [id] = await seed(database, [{ ...pair(1), address: pair(2).address }]);
      await database.query(`set role ${role}; ${sameShape}
        insert into wallet_key_identity values ('${id}', '\\x00', 'proven', null, now()); reset role`);
      const { failures } = await new TestStack(database).preview();
      assert.match(failures.join(), new RegExp(`belongs to ${role}, and not to .*\\[ERR_NAME_TAKEN\\]`));
      await assert.rejects(new TestStack(database).up(), { code: "ERR_NAME_TAKEN" });
      await dropStranger(database);
    }));

  test(`no code that somebody put behind the table's name runs, and what is there is named (PostgreSQL ${major})`, () =>
    withDatabase({ ...content, major }, async (database) => {
      await seed(database, [pair(1)]);
      await database.query(`create table sprung (n int);
        create function spring() returns text language plpgsql as $$ begin insert into public.sprung values (1); return 'proven'; end $$;
        create function fire() returns trigger language plpgsql as $$ begin insert into public.sprung values (2); return new; end $$`);
      const oddities: readonly (readonly [sql: string, said: RegExp])[] = [
        [
          "create view wallet_key_identity as select id as credential_id, ''::bytea as digest, spring() as finding, spring() as opens, now() as proven_at from project_credentials",
          /no plain table/,
        ],
        [
          `${sameShape} create trigger copies before insert on wallet_key_identity for each row execute function fire()`,
          /trigger copies/,
        ],
        [`${sameShape} create rule r as on insert to wallet_key_identity do also select spring()`, /rule r/],
        [`${sameShape} alter table wallet_key_identity enable row level security`, /row-level security/],
        [`${sameShape} create policy p on wallet_key_identity using (spring() = '')`, /row-level security/],
        [`${sameShape} alter table wallet_key_identity alter opens set default spring()`, /column opens has a default/],
        [`${sameShape} alter table wallet_key_identity add check (finding <> spring())`, /constraint/],
        [`${sameShape} create index i on wallet_key_identity (finding)`, /index public\.i/],
        [`${sameShape} alter table wallet_key_identity add extra text`, /extra is not declared/],
        [`${sameShape} alter table wallet_key_identity drop opens`, /opens is missing/],
        [`${sameShape} alter table wallet_key_identity alter finding type varchar(9)`, /column finding is not/],
        [`${sameShape} alter table wallet_key_identity alter finding drop not null`, /column finding is not/],
        [`${sameShape} alter table wallet_key_identity set unlogged`, /not logged/],
        [`${sameShape} create table child () inherits (wallet_key_identity)`, /inheritance/],
        [`${sameShape} alter table wallet_key_identity drop constraint wallet_key_identity_pkey`, /primary key/],
        [
          "create table wallet_key_identity (credential_id uuid primary key, digest bytea not null, finding text not null, opens text, proven_at timestamptz not null) partition by hash (credential_id)",
          /no plain table/,
        ],
        ["create sequence wallet_key_identity", /no plain table/],
      ];
      for (const [sql, said] of oddities) {
        await database.query(sql);
        const { failures } = await new TestStack(database).preview();
        assert.match(failures.join(), said, sql);
        assert.match(failures.join(), /\[ERR_NAME_TAKEN\]/, sql);
        await assert.rejects(new TestStack(database).up(), { code: "ERR_NAME_TAKEN" }, sql);
        await database.query(`do $$ begin execute (select format('drop %s wallet_key_identity cascade',
            case relkind when 'v' then 'view' when 'S' then 'sequence' else 'table' end) from pg_class where relname = 'wallet_key_identity'); end $$;
          drop table if exists child`);
      }
      assert.deepEqual(await database.query("select * from sprung"), []);
    }));

  test(`an equal table of our own is adopted with what it holds; one that is dropped is made again (PostgreSQL ${major})`, () =>
    withDatabase({ ...content, major }, async (database) => {
      await seed(database, [pair(1), pair(2)]);
      const stack = new TestStack(database);
      await stack.up();
      const kept = await database.query("select * from wallet_key_identity order by 1");
      await new TestStack(database).up();
      assert.deepEqual(await database.query("select * from wallet_key_identity order by 1"), kept);
      await database.query("drop table wallet_key_identity");
      assert.deepEqual((await stack.preview()).changes, ["table", "identity"]);
      assert.equal((await stack.up()).summary.identity?.proven, 2);
    }));

  test(`ids of every built-in kind have proofs (PostgreSQL ${major})`, async () => {
    for (const [type, id] of [
      ["text", "'w-' || n"],
      ["varchar(40)", "'w-' || n"],
      ['varchar(40) collate "C"', "'w-' || n"],
      ["bigint", "n"],
      ["numeric(20,3)", "n"],
      ["kind", "('{a,b}'::kind[])[n]"],
      ["named", "'w-' || n"],
    ] as const)
      await withDatabase(
        {
          major,
          load: [],
          sql: `create type kind as enum ('a', 'b'); create domain named as varchar(30) collate "C" check (value <> '');
            create table project_credentials (id ${type} primary key, project_id text, credential_type text, network text, wallet_address text,
              key_vault_id text, vault_stored boolean, vault_backup_date timestamptz, metadata jsonb);
            create table credential_vault_storage (credential_id ${type} unique, vault_id text unique, encrypted_private_key text);
            insert into project_credentials (id, credential_type, wallet_address, vault_stored)
              select ${id}, 'ethereum_wallet', case n when 1 then '${pair(1).address}' else '${pair(3).address}' end, true from generate_series(1, 2) n;
            insert into credential_vault_storage select id, id::text, case wallet_address when '${pair(1).address}' then '${keyOf(1)}' else '${keyOf(2)}' end
              from project_credentials`,
        },
        async (database) => {
          const stack = new TestStack(database);
          const { summary } = await stack.up();
          assert.deepEqual([summary.identity?.proven, summary.identity?.mismatch], [1, 1], type);
          assert.deepEqual(await stack.preview(), { changes: [], failures: [] }, type);
        },
      );
  });
}

test("a role that lacks CREATE or TEMPORARY is told so at preview", () =>
  withDatabase(content, async (database) => {
    const role = `deployer_${database.name}`;
    await database.query(`create role ${role} login bypassrls password 'x'; revoke temporary on database ${database.name} from public;
      grant select, insert, update on project_credentials, credential_vault_storage to ${role}`);
    const url = new URL(database.url);
    [url.username, url.password] = [role, "x"];
    const stack = new TestStack({ url: url.toString() });
    const [table, identity] = (await stack.preview()).failures;
    assert.match(table ?? "", /lacks USAGE or CREATE on schema public.*\[ERR_PRIVILEGE\]/);
    assert.match(identity ?? "", /lacks TEMPORARY on database .*grant temporary on database .*\[ERR_PRIVILEGE\]/);
    await database.query(`drop owned by ${role}; drop role ${role}`);
  }));

test("an event trigger that changes the table while it is made is found, and nothing is kept", () =>
  withDatabase(
    {
      ...content,
      sql: `${withConstraint};
        create function meddle() returns event_trigger language plpgsql as $$ begin
          alter table public.wallet_key_identity add meddled text; end $$;
        create event trigger meddle on ddl_command_end when tag in ('CREATE TABLE') execute function meddle()`,
    },
    async (database) => {
      await assert.rejects(new TestStack(database).up(), { code: "ERR_NAME_TAKEN" });
      const [there] = await database.query("select to_regclass('public.wallet_key_identity') as there");
      assert.deepEqual(there, { there: null });
      await database.query("drop event trigger meddle");
    },
  ));

test("two that make the table at once make one", () =>
  withDatabase(content, async (database) => {
    await seed(database, [pair(1)]);
    const done = await Promise.all([new TestStack(database).up(), new TestStack(database).up()]);
    for (const { summary } of done) assert.equal(summary.identity?.proven, 1);
  }));
