import assert from "node:assert/strict";
import { test } from "node:test";
import * as operations from "../../components/key-transfer/operations";
import { describeVaultDefaults } from "../../components/key-transfer/vault-defaults";
import { limits, wallets } from "../../fixtures/wallets";
import type { VaultValue } from "../../components/key-transfer/wallets";
import { settingsFor, transfer, withConstraint } from "../../testing/transfer";
import { testedMajors, withDatabase } from "../support/database";
import { assertRefused } from "../support/refused";
import { surveyOf } from "../support/surveys";

const load = ["wallet-system", ["waiting", 5]] as const;
const vault = "credential_vault_storage";

/** Every kind of value, in a column of a type that takes it. */
const columns = `alter table ${vault} add "Odd ""name""" text, add n int, add price numeric(6,2), add flag boolean default true,
  add doc jsonb, add tags text[], add kind wallet_kind, add code short_code, add nothing text default 'something'`;
const types = `create type wallet_kind as enum ('hot', 'cold'); create domain any_code as text check (value ~ '^[a-z]+$');
  create domain short_code as any_code check (length(value) < 5)`;
const given: Readonly<Record<string, VaultValue>> = {
  encryption_method: "AES-256-CBC",
  'Odd "name"': 'it\'s \\ "$1" {{x}}',
  n: 42,
  price: 12.5,
  flag: false,
  doc: '{"a": null}',
  tags: '{a,"b c"}',
  kind: "cold",
  code: "abc",
  nothing: null,
};

const own = {
  ...Object.fromEntries(Object.keys(given).map((column) => [column, null])),
  access_level: "project_admin",
};

for (const major of testedMajors)
  test(`new vault rows hold vaultValues, and rows that are filled keep their own (PostgreSQL ${major})`, () => {
    const placeholder = `insert into ${vault} (credential_id, vault_id, encrypted_private_key, encryption_method)
      select id, 'placeholder', 'MIGRATION_REQUIRED', 'ChaCha20-Poly1305' from project_credentials order by id limit 1`;
    const sql = `${withConstraint}; ${types}; ${columns}; ${placeholder}`;
    return withDatabase({ major, load, sql }, async (database) => {
      const { lastRun, found } = await transfer(database.url, { wallets: { vaultValues: given } });
      assert.deepEqual([lastRun.transferred, lastRun.repaired, found.counts.states.stored], [5, 1, 5]);
      const rows = await database.query(
        `select vault_id = 'placeholder' as kept, encryption_method, "Odd ""name""", n, price::float8, flag, doc::text, tags::text, kind::text, code, nothing,
                access_level, count(*)::int from ${vault} group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 order by 1`,
      );
      assert.deepEqual(rows, [
        { kept: false, ...given, access_level: "project_admin", count: 4 },
        { ...own, kept: true, encryption_method: "ChaCha20-Poly1305", flag: true, nothing: "something", count: 1 },
      ]);
    });
  });

test("a batch that is moved row by row fills them as well", () => {
  const sql = `${withConstraint}; alter table ${vault} add constraint one check (vault_id <> 'vault-' || credential_id or length(vault_id) > 999)`;
  return withDatabase({ load, sql }, async (database) => {
    await database.query(
      `update project_credentials set key_vault_id = null, metadata = metadata - 'private_key_vault_id' where id = (select min(id::text)::uuid from project_credentials)`,
    );
    const { found } = await transfer(database.url, { wallets: { vaultValues: { backup_created: false } } });
    const [row] = await database.query(`select count(*)::int as n, bool_or(backup_created) as made from ${vault}`);
    assert.deepEqual([row, found.counts.states.pending], [{ n: 4, made: false }, 1]);
  });
});

/** Whoever owns this code must not have it run by a preview. */
const trap = `create table trapped (n int); create function trap(text) returns boolean language plpgsql immutable as
  $$ begin raise exception using errcode = '22000'; end $$`;

const refused: readonly { what: string; sql?: string; values: Record<string, VaultValue>; says: readonly string[] }[] =
  [
    { what: "a column that is not there", values: { toString: 1 }, says: ["has no column toString"] },
    { what: "null for NOT NULL", values: { created_at: null }, says: ["created_at", "NOT NULL"] },
    {
      what: "null for a domain that is NOT NULL",
      sql: `create domain filled as int not null default 1; alter table ${vault} add n filled`,
      values: { n: null },
      says: ["column n", "NOT NULL"],
    },
    {
      what: "a generated column",
      sql: `alter table ${vault} add twice text generated always as (vault_id || vault_id) stored`,
      values: { twice: "x" },
      says: ["twice", "is generated"],
    },
    {
      what: "an identity that is always generated",
      sql: `alter table ${vault} add n int generated always as identity`,
      values: { n: 1 },
      says: ["column n", "is generated"],
    },
    {
      what: "a text for a boolean",
      values: { backup_created: "perhaps" },
      says: ["backup_created", "boolean", "22P02"],
    },
    {
      what: "a text that is too long",
      sql: `alter table ${vault} alter encryption_method type varchar(12)`,
      values: { encryption_method: "none of them." },
      says: ["encryption_method", "22001"],
    },
    {
      what: "a number that is too large",
      sql: `alter table ${vault} add n numeric(4,1)`,
      values: { backup_created: true, n: 1000 },
      says: ["column n", "22003"],
    },
    {
      what: "a label that an enum does not have",
      sql: `create type kind as enum ('a'); alter table ${vault} add kind kind`,
      values: { kind: "b" },
      says: ["column kind", "22P02"],
    },
    {
      what: "a value that a CHECK of the table refuses",
      values: { encryption_method: "none" },
      says: ["encryption_method", "CHECK valid_encryption_method", "public.credential_vault_storage"],
    },
    {
      what: "values that a CHECK refuses together",
      sql: `alter table ${vault} add constraint together check (access_level <> 'revoked' or not backup_created)`,
      values: { access_level: "revoked", backup_created: true },
      says: ["columns access_level, backup_created", "CHECK together"],
    },
    {
      what: "a value whose type runs a domain's code to read it",
      sql: `${trap}; create domain trapped_domain as text check (trap(value)); alter table ${vault} add m trapped_domain[]`,
      values: { m: "{a}" },
      says: ["column m", "public.trapped_domain[]", "code of their owners"],
    },
    {
      what: "a value that a CHECK of a domain below refuses",
      sql: `${types}; alter table ${vault} add code short_code`,
      values: { code: "AB" },
      says: ["column code", "CHECK any_code_check", "its domain"],
    },
  ];

for (const major of testedMajors)
  for (const { what, sql = "", values, says } of refused)
    test(`vaultValues with ${what} stop a preview (PostgreSQL ${major})`, () =>
      withDatabase({ major, sql: `${withConstraint}; ${sql}` }, (database) =>
        assertRefused(database, {
          code: "ERR_CONFIGURATION",
          says: ["vaultValues", ...says],
          wallets: { vaultValues: values },
        }),
      ));

test("a role that may not insert the column is refused at preview", () => {
  const role = `values_${process.pid}`;
  const sql = `${withConstraint}; create role ${role} login bypassrls; grant select, update on project_credentials to ${role};
    grant select, update, insert (credential_id, vault_id, encrypted_private_key, access_level) on ${vault} to ${role}`;
  return withDatabase({ load, sql }, async (database) => {
    const url = new URL(database.url);
    [url.username, url.password] = [role, ""];
    try {
      await database.query(`alter role ${role} password 'x'`);
      url.password = "x";
      await assertRefused(database, {
        code: "ERR_PRIVILEGE",
        says: ["INSERT (backup_created)"],
        url: url.href,
        wallets: { vaultValues: { access_level: "revoked", backup_created: false } },
      });
    } finally {
      await database.query(`drop owned by ${role}; drop role ${role}`);
    }
  });
});

/** CHECKs that a preview leaves to the transfer: code of users, or of more columns. */
const left: readonly string[] = [
  `add constraint later check (trap(encryption_method))`,
  `add constraint later check (encryption_method <> vault_id and encryption_method <> 'AES-256-CBC')`,
  `add constraint later check (length(query_to_xml('select ' || quote_literal(encryption_method), true, false, '')::text) < 3)`,
];
for (const major of testedMajors)
  for (const change of left)
    test(`what a preview cannot try without running code of users it does not try: ${change} (PostgreSQL ${major})`, () =>
      withDatabase(
        { major, load, sql: `${withConstraint}; ${trap}; alter table ${vault} ${change}` },
        async (database) => {
          const vaultValues = { encryption_method: "AES-256-CBC" };
          operations.configure(database.url);
          const inputs = settingsFor(await surveyOf(database.url), { vaultValues });
          assert.deepEqual((await operations.check(undefined, inputs)).failures, undefined);
          const { found } = await transfer(database.url, { wallets: { vaultValues } });
          assert.equal(found.counts.states.pending, 5, "the server refuses every row");
          assert.deepEqual(await database.query(`select count(*)::int as n from ${vault}`), [{ n: 0 }]);
        },
      ));

test("they are part of what a finished transfer means: other values are a change, a state without them is none", async () => {
  await withDatabase({ load, sql: withConstraint }, async ({ url }) => {
    operations.configure(url);
    const { outs } = await operations.create(settingsFor(await surveyOf(url)));
    const survey = await surveyOf(url);
    const changed = async (vaultValues: Record<string, VaultValue>): Promise<boolean | undefined> =>
      (await operations.diff("id", outs, settingsFor(survey, { vaultValues }))).changes;
    assert.equal(await changed({}), false);
    assert.equal(await changed({ backup_created: false }), true);
  });
});

for (const major of testedMajors)
  test(`a preview names the constants that the table's defaults put into new rows, and nothing that is computed (PostgreSQL ${major})`, () => {
    const sql = `${withConstraint}; create domain labelled as text default 'from "its" domain::x';
      alter table ${vault} add a labelled, add b int default -7, add c text default upper('x'), add d numeric(6,2) default 1.50,
        add e text default 'it''s', add f text default null, add g text default '${"long ".repeat(20)}',
        add h text generated always as (vault_id) stored, add i int generated by default as identity, add j date default current_date`;
    return withDatabase({ major, sql }, async ({ url }) => {
      const described = await describeVaultDefaults(
        url,
        { ...wallets, vaultValues: { backup_created: false } },
        limits,
      );
      assert.equal(
        described?.split(". ")[0],
        "The table's defaults fill columns of new vault rows: encryption_method = 'AES-256-GCM', access_level = 'project_admin', " +
          `a = 'from "its" domain::x', b = '-7', d = 1.50, e = 'it''s', g = 'long long long long long long long long…`,
      );
    });
  });

test("a preview says nothing of defaults where there are none, or vaultValues stand in for all of them", () =>
  withDatabase({ sql: withConstraint }, async ({ url }) => {
    const vaultValues = { encryption_method: "AES-256-CBC", access_level: "project_admin", backup_created: false };
    assert.equal(await describeVaultDefaults(url, { ...wallets, vaultValues }, limits), undefined);
  }));
