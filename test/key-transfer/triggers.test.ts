import assert from "node:assert/strict";
import { test } from "node:test";
import { attentionOf } from "../../components/key-transfer/attention";
import { refusalReason, statusOf } from "../../components/key-transfer/summary";
import type { Refusal } from "../../components/key-transfer/sql/batch";
import { type Database, testedMajors, withDatabase } from "../support/database";
import { transfer, withConstraint } from "../../testing/transfer";

const wallets = 12;
const load = ["wallet-system", ["waiting", wallets]] as const;

/** A trigger of that name; `body` is PL/pgSQL, `also` SQL that goes before it. */
const trigger = (timing: string, table: "wallets" | "vault", body: string, name = "hostile"): string =>
  `
  create function ${name}() returns trigger language plpgsql as $$ begin ${body} return ${/after/.test(timing) ? "null" : "new"}; end $$;
  create ${/deferred/.test(timing) ? "constraint " : ""}trigger ${name} ${timing.replace(" deferred", "")} on ${table === "vault" ? "credential_vault_storage" : "project_credentials"}
    ${/deferred/.test(timing) ? "deferrable initially deferred" : ""} for each ${/statement/.test(timing) ? "statement" : "row"} execute function ${name}();`.replace(
    / statement on/,
    " on",
  );

const flagged = "new.vault_stored and not coalesce(old.vault_stored, false)";
const vaultOf = "update credential_vault_storage v set";
const seal = `if ${flagged} then ${vaultOf} encrypted_private_key = 'sealed' where v.credential_id = new.id; end if;`;
const sealBoth = (timing: string): string => `if ${flagged} then
  ${vaultOf} encrypted_private_key = 'short' where v.credential_id = new.id;
  ${timing === "before" ? "new.metadata := '{}';" : "update project_credentials set metadata = '{}' where id = new.id;"} end if;`;

interface Hostile {
  readonly what: string;
  readonly sql: string;
  readonly cause: Refusal["cause"];
}

/** Each would have keys destroyed, or flags that say what is not so. */
const hostile: Hostile[] = [
  {
    what: "rewrites the vault row before the wallet is flagged",
    sql: trigger("before update", "wallets", seal),
    cause: "modified",
  },
  {
    what: "rewrites the vault row after the wallet is flagged",
    sql: trigger("after update", "wallets", seal),
    cause: "modified",
  },
  {
    what: "rewrites the vault row when all is done",
    sql: trigger("after update deferred", "wallets", seal),
    cause: "modified",
  },
  {
    what: "shortens the vault's value and takes the key out of metadata, before",
    sql: trigger("before update", "wallets", sealBoth("before")),
    cause: "modified",
  },
  {
    what: "shortens the vault's value and takes the key out of metadata, after",
    sql: trigger("after update", "wallets", sealBoth("after")),
    cause: "modified",
  },
  {
    what: "gives vault and metadata one and the same other value",
    sql: trigger(
      "after insert",
      "vault",
      `${vaultOf} encrypted_private_key = 'same' where v.id = new.id;
       update project_credentials set metadata = '{"private_key_encrypted": "same"}' where id = new.credential_id;`,
    ),
    cause: "modified",
  },
  {
    what: "takes the key out of metadata as soon as the vault has it",
    sql: trigger(
      "after insert",
      "vault",
      "update project_credentials set metadata = metadata - 'private_key_encrypted' where id = new.credential_id;",
    ),
    cause: "modified",
  },
  {
    what: "puts the flag back",
    sql: trigger("before update", "wallets", "new.vault_stored := old.vault_stored;"),
    cause: "modified",
  },
  {
    what: "puts the flag back afterwards",
    sql: trigger(
      "after update",
      "wallets",
      "update project_credentials set vault_stored = false where id = new.id and vault_stored;",
    ),
    cause: "modified",
  },
  {
    what: "empties the vault row at the end of the statement",
    sql: trigger(
      "after insert statement",
      "vault",
      `${vaultOf} encrypted_private_key = '' where encrypted_private_key <> '';`,
    ),
    cause: "modified",
  },
  {
    what: "deletes the vault row",
    sql: trigger("after insert deferred", "vault", "delete from credential_vault_storage where id = new.id;"),
    cause: "modified",
  },
  {
    what: "deletes the wallet",
    sql: trigger("after update", "wallets", "delete from project_credentials where id = new.id;"),
    cause: "modified",
  },
  {
    what: "rewrites the sources of other wallets",
    sql: trigger(
      "after insert",
      "vault",
      "update project_credentials set metadata = '{}' where id <> new.credential_id and metadata <> '{}';",
    ),
    cause: "otherRows",
  },
  {
    what: "rewrites vault rows of other wallets and takes their sources",
    sql: trigger(
      "after insert",
      "vault",
      `${vaultOf} encrypted_private_key = 'gone' where v.credential_id <> new.credential_id;
       update project_credentials set metadata = '{}' where id <> new.credential_id;`,
    ),
    cause: "otherRows",
  },
];

/** A deferred trigger that puts off what it sets off, again and again, until it does `body` for the wallet `new.id`. */
const putOff = (times: number, body: string): string => `
  create table side (id uuid, n int);
  create function later() returns trigger language plpgsql as $$ begin
    set constraints all deferred;
    if new.n < ${times} then insert into public.side values (new.id, new.n + 1); else ${body} end if; return null; end $$;
  create constraint trigger later after insert on side deferrable initially deferred for each row execute function later();
  ${trigger("after insert", "vault", "insert into public.side values (new.credential_id, 1);", "first")}`;
const destroy = `update public.credential_vault_storage set encrypted_private_key = 'sealed' where credential_id = new.id;
  update public.project_credentials set metadata = '{}' where id = new.id;`;

hostile.push(
  { what: "puts its work off to the commit, and then destroys keys", sql: putOff(3, destroy), cause: "modified" },
  { what: "puts its work off for ever", sql: putOff(1_000, destroy), cause: "modified" },
  {
    what: "puts off an error with the key in its text",
    sql: putOff(3, "raise exception 'KEY %', (select metadata from public.project_credentials where id = new.id);"),
    cause: "refused",
  },
);

hostile.push(
  {
    what: "leaves its work to the commit, in a cursor that outlives it",
    sql: `create function destroy() returns int language plpgsql as $$ begin
        update public.credential_vault_storage set encrypted_private_key = 'sealed';
        update public.project_credentials set metadata = '{}'; return 1; end $$;
      ${trigger("after insert", "vault", "execute 'declare h' || (random() * 1e9)::int || ' cursor with hold for select public.destroy()';")}`,
    cause: "modified",
  },
  {
    what: "takes the column away and puts an empty one there",
    sql: `create table side (id uuid);
      create function later() returns trigger language plpgsql as $$ begin
        if exists (select from pg_attribute where attrelid = 'public.project_credentials'::regclass and attname = 'metadata' and attnum < 14) then
          alter table public.project_credentials drop column metadata cascade;
          alter table public.project_credentials add column metadata jsonb default '{}'; end if; return null; end $$;
      create constraint trigger later after insert on side deferrable initially deferred for each row execute function later();
      ${trigger("after insert", "vault", "insert into public.side values (new.credential_id);", "first")}`,
    cause: "refused",
  },
  {
    what: "sets what digests depend on to the key",
    sql: trigger(
      "after insert",
      "vault",
      `perform set_config('wallet_vault.seed', new.encrypted_private_key, false);
      ${vaultOf} encrypted_private_key = 'x' where v.id = new.id;`,
    ),
    cause: "modified",
  },
);

/** Every key that there was, and whether it still is where it was or in the vault. */
const keysLost = async ({ query }: Database): Promise<unknown[]> =>
  query(`select o.id from original o
           left join project_credentials c on c.id = o.id left join credential_vault_storage v on v.credential_id = o.id
          where (o.key in (c.metadata ->> 'private_key_encrypted', v.encrypted_private_key)) is not true`);
const lies = ({ query }: Database): Promise<unknown[]> =>
  query(`select c.id from project_credentials c
           left join credential_vault_storage v on v.credential_id = c.id join original o on o.id = c.id
          where c.vault_stored and v.encrypted_private_key is distinct from o.key`);
const original = `create table original as select id, metadata ->> 'private_key_encrypted' as key from project_credentials;`;

for (const major of testedMajors)
  for (const { what, sql, cause } of hostile)
    test(`a trigger that ${what} costs no key, sets no flag, and is told (PostgreSQL ${major})`, async () => {
      await withDatabase({ major, load, sql: `${withConstraint}; ${original} ${sql}` }, async (database) => {
        const lines: string[] = [];
        const { found, lastRun, refusals } = await transfer(database.url, { report: (line) => lines.push(line) });
        assert.deepEqual(await keysLost(database), []);
        assert.deepEqual(await lies(database), []);
        assert.equal(found.counts.credentials, wallets);
        assert.equal(statusOf(found.counts), "incomplete");
        assert.ok(lastRun.refused > 0);
        assert.equal(lastRun.transferred + lastRun.refused, wallets);
        // Where others' rows are written, the first wallets alone find none to write to.
        assert.ok(
          refusals.some((refusal) => refusal.cause === cause),
          JSON.stringify(refusals),
        );
        assert.equal(attentionOf(found, refusals).filter(({ state }) => state === "pending").length, lastRun.refused);
      });
    });

const harmless: readonly { what: string; sql: string }[] = [
  {
    what: "sets the flag itself, after the vault has the key",
    sql: trigger(
      "after insert",
      "vault",
      "update project_credentials set vault_stored = true, vault_backup_date = now() where id = new.credential_id;",
    ),
  },
  {
    what: "sets the flag itself, before the vault has the key",
    sql: trigger(
      "before insert",
      "vault",
      "update project_credentials set vault_stored = true, vault_backup_date = now() where id = new.credential_id;",
    ),
  },
  {
    what: "writes to the wallet before the vault has the key",
    sql: trigger(
      "before insert",
      "vault",
      "update project_credentials set status = 'moving' where id = new.credential_id;",
    ),
  },
  {
    what: "touches both rows once more",
    sql: `${trigger("after insert", "vault", `${vaultOf} updated_at = now() where v.id = new.id;`)}
      ${trigger("after update", "wallets", "if pg_trigger_depth() = 1 then update project_credentials set status = 'seen' where id = new.id; end if;", "also")}`,
  },
  {
    what: "keeps a history elsewhere",
    sql: `create table history (id uuid, at timestamptz default now());
      ${trigger("after insert or update", "vault", "insert into history (id) values (new.credential_id);")}
      ${trigger("before update", "wallets", "insert into history (id) values (new.id);", "also")}`,
  },
  {
    what: "names its tables without a schema, in a path of the role's own",
    sql: `create schema side; create table side.log (id uuid);
      do $$ begin execute format('alter role current_user in database %I set search_path = side, public', current_database()); end $$;
      ${trigger("after insert", "vault", "insert into log values (new.credential_id);")}`,
  },
];

for (const major of testedMajors)
  for (const { what, sql } of harmless)
    test(`a trigger that ${what} keeps no key out (PostgreSQL ${major})`, async () => {
      await withDatabase({ major, load, sql: `${withConstraint}; ${original} ${sql}` }, async (database) => {
        const { found, lastRun, refusals } = await transfer(database.url);
        assert.deepEqual(refusals.map(refusalReason), []);
        assert.deepEqual([statusOf(found.counts), lastRun.transferred], ["complete", wallets]);
        assert.deepEqual(await keysLost(database), []);
        assert.deepEqual(await lies(database), []);
        const [flags] = await database.query("select count(*)::int as n from project_credentials where vault_stored");
        assert.deepEqual(flags, { n: wallets });
      });
    });

const truncating = `create table side (id uuid);
      create function later() returns trigger language plpgsql as $$ declare r public.credential_vault_storage; begin
        select * into r from public.credential_vault_storage where credential_id = new.id;
        truncate public.credential_vault_storage cascade;
        insert into public.credential_vault_storage select r.*; return null; end $$;
      create constraint trigger later after insert on side deferrable initially deferred for each row execute function later();
      ${trigger("after insert", "vault", "if pg_trigger_depth() = 1 then insert into public.side values (new.credential_id); end if;", "first")}`;

for (const major of testedMajors)
  test(`a trigger that truncates the vault, and puts back its own row alone, costs nobody's key (PostgreSQL ${major})`, async () => {
    // One wallet was stored long ago, and its key is nowhere else; the other one waits.
    const sql = `${withConstraint}; ${original}
      insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
        select id, 'old', metadata ->> 'private_key_encrypted' from project_credentials where key_vault_id = 'kv-1';
      update project_credentials set metadata = '{}', vault_stored = true where key_vault_id = 'kv-1'; ${truncating}`;
    await withDatabase({ major, load: ["wallet-system", ["waiting", 2]], sql }, async (database) => {
      const { found, lastRun } = await transfer(database.url);
      assert.deepEqual(await keysLost(database), []);
      assert.deepEqual([found.counts.states.stored, found.counts.states.pending, lastRun.refused], [1, 1, 1]);
    });
  });
