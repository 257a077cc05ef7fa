import assert from "node:assert/strict";
import { test } from "node:test";
import type { Major } from "../../testing/postgres-server";
import { assertCured } from "../support/cured";
import { withDatabase } from "../support/database";
import { assertRefused } from "../support/refused";
import { transfer, withConstraint } from "../../testing/transfer";

const wallets = "project_credentials";
const vault = "credential_vault_storage";
const load = ["wallet-system", ["waiting", 3]] as const;

interface Case {
  readonly what: string;
  readonly sql: string;
  /** Oldest major that has such a publication. */
  readonly from: Major;
}

/** `code` for all of them is ERR_PUBLICATION; the oracle is PostgreSQL itself, which refuses an update of one row. */
const refused: readonly (Case & { says: readonly string[]; table: string; cured?: boolean })[] = [
  ...[wallets, vault].flatMap((table) => [
    {
      what: `${table} without a primary key`,
      sql: `alter table ${table} drop constraint ${table}_pkey cascade; alter table project_credentials add unique (id); create publication app for table ${table}`,
      from: 14 as const,
      says: ["Publication app", `updates of public.${table}`, "no replica identity", "replica identity full"],
      table,
      cured: true,
    },
    {
      what: `${table} with replica identity nothing`,
      sql: `alter table ${table} replica identity nothing; create publication app for table ${table}`,
      from: 14 as const,
      says: [`updates of public.${table}`, "replica identity default"],
      table,
      cured: true,
    },
    {
      what: `${table} with replica identity nothing, and all tables published`,
      sql: `alter table ${table} replica identity nothing; create publication app for all tables`,
      from: 14 as const,
      says: ["Publication app", `updates of public.${table}`],
      table,
      cured: true,
    },
    {
      what: `${table} with replica identity nothing, and its schema published`,
      sql: `alter table ${table} replica identity nothing; create publication app for tables in schema public`,
      from: 15 as const,
      says: ["Publication app", `updates of public.${table}`],
      table,
      cured: true,
    },
    {
      what: `${table} with a row filter on other columns`,
      sql: `create publication app for table ${table} where (created_at > '2020-01-01' and id is not null)`,
      from: 15 as const,
      says: ["a row filter on created_at,", "replica identity full"],
      table,
      cured: true,
    },
    {
      what: `${table} with a column list without the primary key`,
      sql: `create publication app for table ${table} (created_at)`,
      from: 15 as const,
      says: ["a column list that leaves out id of its replica identity"],
      table,
    },
    {
      what: `${table} with a column list beside replica identity full`,
      sql: `alter table ${table} replica identity full; create publication app for table ${table} (id, created_at)`,
      from: 15 as const,
      says: ["a column list that leaves out", "without a column list"],
      table,
    },
    {
      what: `${table} with an unpublished generated column beside replica identity full`,
      sql: `alter table ${table} add short text generated always as (left(id::text, 3)) stored;
        alter table ${table} replica identity full; create publication app for table ${table}`,
      from: 18 as const,
      says: ["without its generated columns (short)"],
      table,
    },
  ]),
  {
    what: "a deferrable primary key, which is no replica identity",
    sql: `alter table ${vault} drop constraint ${vault}_pkey; alter table ${vault} add primary key (id) deferrable; create publication app for table ${vault}`,
    from: 14,
    says: ["no replica identity"],
    table: vault,
    cured: true,
  },
];

const works: readonly Case[] = [
  { what: "both tables, with primary keys", sql: `create publication app for table ${wallets}, ${vault}`, from: 14 },
  {
    what: "replica identity full",
    sql: `alter table ${wallets} replica identity full; create publication app for table ${wallets}`,
    from: 14,
  },
  {
    what: "inserts only, without a replica identity",
    sql: `alter table ${vault} replica identity nothing; create publication app for all tables with (publish = 'insert, delete')`,
    from: 14,
  },
  {
    what: "another table without a replica identity",
    sql: "create table other (n int); create publication app for table other",
    from: 14,
  },
  {
    what: "a row filter and a column list that keep to the primary key",
    sql: `create publication app for table ${vault} (id, created_at) where (id is not null)`,
    from: 15,
  },
  {
    what: "a row filter on other columns with replica identity full",
    sql: `alter table ${wallets} replica identity full; create publication app for table ${wallets} where (created_at > '2020-01-01')`,
    from: 15,
  },
  {
    what: "generated columns that are published",
    sql: `alter table ${wallets} add short text generated always as (left(network, 3)) stored; alter table ${wallets} replica identity full;
      create publication app for table ${wallets} with (publish_generated_columns = stored)`,
    from: 18,
  },
];

for (const major of [14, 15, 18] as const) {
  const known = <T extends Case>(cases: readonly T[]): T[] => cases.filter(({ from }) => from <= major);

  for (const { what, sql, says, table, cured = false } of known(refused))
    test(`published: ${what}: refused${cured ? ", and the advice works" : ""} (PostgreSQL ${major})`, async () => {
      await withDatabase({ major, load, sql: `${withConstraint}; ${sql}` }, async (database) => {
        await assert.rejects(database.query(`update ${table} set created_at = created_at where false`));
        await assertRefused(database, { code: "ERR_PUBLICATION", says });
        if (cured) await assertCured(database);
      });
    });

  for (const { what, sql } of known(works))
    test(`published: ${what}: works (PostgreSQL ${major})`, async () => {
      await withDatabase({ major, load, sql: `${withConstraint}; ${sql}` }, async ({ url }) => {
        const { found } = await transfer(url);
        assert.equal(found.counts.states.stored, 3);
      });
    });
}
