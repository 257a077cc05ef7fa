import assert from "node:assert/strict";
import { test } from "node:test";
import { type Database, server, testedMajors, withDatabase } from "../support/database";
import { assertRefused } from "../support/refused";
import { transfer, withConstraint } from "../../testing/transfer";

const wallets = "project_credentials";
const vault = "credential_vault_storage";
const load = ["wallet-system", ["waiting", 3]] as const;
const password = "pass-Qx7-word";

const trigger = (timing: string): string => `
  create function fill() returns trigger language plpgsql as 'begin new.n := 1; return new; end';
  create trigger fill ${timing} on ${vault} for each row execute function fill()`;

/** Columns of the vault that nobody fills, and whether they fill themselves. */
const columns: readonly { what: string; sql: string; says?: readonly string[] }[] = [
  {
    what: "NOT NULL without a default",
    sql: "add n int not null",
    says: ["Column n", "is NOT NULL", "has no default"],
  },
  { what: "NOT NULL with a default", sql: "add n int not null default 1" },
  { what: "an identity", sql: "add n int generated always as identity" },
  {
    what: "a domain that is NOT NULL, without a default",
    sql: "add n filled",
    says: ["Column n", "type public.filled, a domain that is NOT NULL"],
  },
  { what: "a domain that is NOT NULL, with a default of the column", sql: "add n filled default 1" },
  { what: "a NOT NULL column with a default of its domain", sql: "add n defaulted not null" },
  {
    what: "a domain over one that is NOT NULL",
    sql: "add n above",
    says: ["Column n", "type public.above", "domain that is NOT NULL"],
  },
  { what: "a NOT NULL domain over one with a default, which it inherits", sql: "add n inheriting" },
  { what: "a serial", sql: "add n serial not null" },
  { what: "NOT NULL, filled by a trigger", sql: `add n int not null; ${trigger("before insert")}` },
  {
    what: "NOT NULL, with a trigger that is disabled",
    sql: `add n int not null; ${trigger("before insert")}; alter table ${vault} disable trigger fill`,
    says: ["Column n", "is NOT NULL"],
  },
  {
    what: "a domain that is NOT NULL, for which a trigger comes too late",
    sql: `add n filled; ${trigger("before insert")}`,
    says: ["Column n", "domain that is NOT NULL"],
  },
];
const domains = `create domain filled as int not null; create domain defaulted as int default 7; create domain above as filled;
  create domain inheriting as defaulted not null`;

for (const major of testedMajors)
  for (const { what, sql, says } of columns)
    test(`a column of the vault that is ${what}: ${says ? "refused" : "works"} (PostgreSQL ${major})`, async () => {
      // Without rows, so that every column can be added.
      const content = { major, load, sql: `${withConstraint}; ${domains}; alter table ${vault} ${sql}` };
      await withDatabase(content, async (database) => {
        if (says !== undefined) {
          await assert.rejects(
            database.query(`insert into ${vault} (credential_id, vault_id, encrypted_private_key)
            select id, 'v', 'k' from ${wallets} limit 1`),
          );
          await assertRefused(database, { code: "ERR_COLUMN_TYPE", says });
        } else {
          const { found } = await transfer(database.url);
          assert.equal(found.counts.states.stored, 3);
        }
      });
    });

/** Code that runs with every row, and what a role needs for it. */
const code: readonly { what: string; sql: string; lacks: string; for: string; grant: string }[] = [
  {
    what: "the sequence of a serial",
    sql: `alter table ${vault} add n serial`,
    lacks: "USAGE on sequence public.credential_vault_storage_n_seq",
    for: "the default of column n of public.credential_vault_storage",
    grant: "grant usage on sequence credential_vault_storage_n_seq to",
  },
  {
    what: "a function in a default",
    sql: `alter table ${vault} add n int default app.volatile_one()`,
    lacks: "EXECUTE on function app.volatile_one()",
    for: "the default of column n of public.credential_vault_storage",
    grant: "grant execute on function app.volatile_one() to",
  },
  {
    what: "a function in the default of a domain",
    sql: `create domain app.numbered as int default app.volatile_one(); alter table ${vault} add n app.numbered`,
    lacks: "EXECUTE on function app.volatile_one()",
    for: "the default of column n of public.credential_vault_storage",
    grant: "grant execute on function app.volatile_one() to",
  },
  {
    what: "a function in the CHECK of a domain",
    sql: `create domain app.checked as int check (app.is_fine(value::text)); alter table ${vault} add n app.checked default 1`,
    lacks: "EXECUTE on function app.is_fine(text)",
    for: "of the domain of column n of public.credential_vault_storage",
    grant: "grant execute on function app.is_fine(text) to",
  },
  ...[wallets, vault].flatMap((table) => [
    {
      what: `a function in a CHECK of ${table}`,
      sql: `alter table ${table} add constraint fine check (app.is_fine(id::text))`,
      lacks: "EXECUTE on function app.is_fine(text)",
      for: `CHECK constraint fine of public.${table}`,
      grant: "grant execute on function app.is_fine(text) to",
    },
    {
      what: `an operator in a CHECK of ${table}`,
      sql: `alter table ${table} add constraint fine check (id::text operator(app.~~~) 'x')`,
      lacks: "EXECUTE on function app.alike(text,text)",
      for: `CHECK constraint fine of public.${table}`,
      grant: "grant execute on function app.alike(text, text) to",
    },
    {
      what: `a function in a generated column of ${table}`,
      sql: `alter table ${table} add n boolean generated always as (app.is_fine(id::text)) stored`,
      lacks: "EXECUTE on function app.is_fine(text)",
      for: `generated column n of public.${table}`,
      grant: "grant execute on function app.is_fine(text) to",
    },
    {
      what: `a function in an index of ${table}`,
      sql: `create index fine on ${table} (app.is_fine(id::text)) where false`,
      lacks: "EXECUTE on function app.is_fine(text)",
      for: `index fine of public.${table}`,
      grant: "grant execute on function app.is_fine(text) to",
    },
  ]),
];
const functions = `create schema app;
  create function app.volatile_one() returns int language plpgsql as 'begin return 1; end';
  create function app.is_fine(text) returns boolean immutable language plpgsql as 'begin return true; end';
  create function app.alike(text, text) returns boolean immutable language plpgsql as 'begin return true; end';
  create operator app.~~~ (leftarg = text, rightarg = text, function = app.alike);
  revoke execute on all functions in schema app from public;`;

for (const major of testedMajors)
  for (const { what, sql, lacks, for: needed, grant } of code)
    test(`${what} that the role may not use is named, and granted it works (PostgreSQL ${major})`, async () => {
      await withDatabase({ major, load, sql: `${withConstraint}; ${functions} ${sql}` }, async (database) => {
        await withWriter(database, major, async (role, url) => {
          await assertRefused(database, { url, code: "ERR_PRIVILEGE", says: [role, lacks, needed], hides: [password] });
          await database.query(`${grant} ${role}`);
          const { found, lastRun } = await transfer(url);
          assert.deepEqual([found.counts.states.stored, lastRun.refused], [3, 0]);
        });
      });
    });

let counter = 0;

/** A role that may write both tables and sees all rows, and has nothing else. */
async function withWriter(
  database: Database,
  major: (typeof testedMajors)[number],
  use: (role: string, url: string) => Promise<void>,
): Promise<void> {
  counter += 1;
  const role = `writer_${process.pid}_${counter}`;
  await database.query(`create role ${role} login bypassrls password '${password}'; grant usage on schema public to ${role};
    grant select, insert, update on ${wallets}, ${vault} to ${role}`);
  try {
    await use(role, (await server(major)).url(database.name, role, password));
  } finally {
    await database.query(`drop owned by ${role}; drop role ${role}`);
  }
}
