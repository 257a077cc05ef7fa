import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kind } from "../../components/exposure/finding";
import { testedMajors, withDatabase } from "../support/database";
import { exposureOf, look, said } from "./looked";

/** A database that has a kind of exposure, and what is said of it; the database without the SQL has none of it. */
interface Case {
  readonly title: string;
  readonly sql: string;
  readonly kind: Kind;
  /** In the texts of that kind, one pattern each. */
  readonly says: readonly RegExp[];
  readonly from?: number;
  readonly copies?: boolean;
}

const cases: readonly Case[] = [
  {
    title: "a grant to PUBLIC",
    sql: "grant select on credential_vault_storage to public",
    kind: "reader",
    says: [
      /^public\.credential_vault_storage\.encrypted_private_key: PUBLIC.* may read it, by a grant on the table\. .*revoke select on "public"\."credential_vault_storage" from public;$/,
    ],
  },
  {
    title: "a grant on the column alone",
    sql: "grant select (id, metadata) on project_credentials to public",
    kind: "reader",
    says: [/project_credentials\.metadata: PUBLIC.*by a grant on the column\. .*revoke select \("metadata"\) on/],
  },
  {
    title: "a view, and a view of that view",
    sql: `create view keys as select id, metadata ->> 'private_key_encrypted' as k from project_credentials;
          create view more_keys as select k from keys; grant select on more_keys to public`,
    kind: "view",
    says: [
      /^public\.keys: It reads public\.project_credentials\.metadata\. Its text names a key\. Only its owner may read it\./,
      /^public\.more_keys: It reads public\.project_credentials\.metadata by way of public\.keys\. PUBLIC may read it\./,
    ],
  },
  {
    title: "a view of whole rows",
    sql: "create view whole as select to_jsonb(v) as doc from credential_vault_storage v",
    kind: "view",
    says: [/^public\.whole: It reads public\.credential_vault_storage\.encrypted_private_key/],
  },
  {
    title: "a materialized view",
    sql: "create materialized view kept as select encrypted_private_key from credential_vault_storage",
    kind: "materializedView",
    says: [/^public\.kept: .*It keeps a copy of what it reads\./],
  },
  {
    title: "a rule of another table",
    sql: `create table asked (n int); create table answers (k text);
          create rule answer as on insert to asked do also insert into answers select encrypted_private_key from credential_vault_storage`,
    kind: "rule",
    says: [/^public\.asked: Rule answer of this table reads public\.credential_vault_storage\.encrypted_private_key/],
  },
  {
    title: "a function that PUBLIC may call with its owner's rights",
    sql: `create function show_key(wallet uuid) returns text language sql security definer
          as 'select encrypted_private_key from public.credential_vault_storage where credential_id = $1'`,
    kind: "function",
    says: [/^public\.show_key\(uuid\): Its body names a key\. .*security definer.*PUBLIC may call it/],
  },
  {
    title: "a function with a body in SQL's standard form",
    sql: `create function show_doc(wallet uuid) returns jsonb language sql return (select c.metadata from public.project_credentials c where c.id = wallet)`,
    kind: "function",
    says: [/^public\.show_doc\(uuid\): Its body names the tables with keys/],
  },
  {
    title: "a trigger that keeps whole rows",
    sql: `create table history (doc jsonb);
          create function keep() returns trigger language plpgsql as 'begin insert into history values (to_jsonb(new)); return null; end';
          create trigger keep after insert or update on credential_vault_storage for each row execute function keep()`,
    kind: "trigger",
    says: [
      /^public\.credential_vault_storage: Trigger keep \(public\.keep\(\)\) fires with rows that a run writes, and may copy keys: its body uses whole rows\. .*alter table "public"\."credential_vault_storage" disable trigger "keep";/,
    ],
    copies: true,
  },
  {
    title: "a trigger that gets the rows as a table",
    sql: `create function count_rows() returns trigger language plpgsql as 'begin insert into asked select count(*) from changed; return null; end';
          create table asked (n int8);
          create trigger counting after update on project_credentials referencing new table as changed for each statement execute function count_rows()`,
    kind: "trigger",
    says: [/Trigger counting .*fires with rows that a run writes, and may copy keys: it is given the rows as a table/],
    copies: true,
  },
  {
    title: "a trigger that fires only with other changes",
    sql: `create function keep() returns trigger language plpgsql as 'begin perform pg_notify(''x'', new::text); return null; end';
          create trigger keep after update of metadata on project_credentials for each row execute function keep()`,
    kind: "trigger",
    says: [/Trigger keep .*does not fire with what a run writes, but with other changes, and may copy keys/],
  },
  {
    title: "a publication of the vault",
    sql: "create publication app for table credential_vault_storage",
    kind: "publication",
    says: [
      /^public\.credential_vault_storage\.encrypted_private_key: Publication app sends it with inserts and updates\. No replication slot.*alter publication "app" drop table "public"\."credential_vault_storage";/,
    ],
  },
  {
    title: "a publication of all tables",
    sql: "create publication everything for all tables",
    kind: "publication",
    says: [/encrypted_private_key: Publication everything sends it/, /metadata: Publication everything sends it/],
  },
  {
    title: "a replica identity of all columns that is published",
    sql: "alter table credential_vault_storage replica identity full; create publication app for table credential_vault_storage",
    kind: "replicaIdentity",
    says: [/encrypted_private_key: The replica identity is full: an update or a delete sends the old value as well/],
  },
  {
    title: "an index on the key column",
    sql: "create unique index by_key on credential_vault_storage (encrypted_private_key)",
    kind: "index",
    says: [
      /^public\.by_key: This btree index holds values of public\.credential_vault_storage\.encrypted_private_key.*It is unique/,
    ],
  },
  {
    title: "an index on an expression of metadata",
    sql: "create index by_path on project_credentials ((metadata ->> 'private_key_encrypted'))",
    kind: "index",
    says: [/^public\.by_path: This btree index holds values of an expression of public\.project_credentials\.metadata/],
  },
  {
    title: "a column that is generated from metadata",
    sql: "alter table project_credentials add column k text generated always as (metadata ->> 'private_key_encrypted') stored",
    kind: "generatedColumn",
    says: [/^public\.project_credentials\.k: This column is generated from metadata/],
  },
  {
    title: "a table that looks like a backup",
    sql: "create table vault_backup as select * from credential_vault_storage; create table old_wallets as select * from project_credentials",
    kind: "otherTable",
    says: [/^public\.old_wallets: .*: metadata\./, /^public\.vault_backup: .*: encrypted_private_key\./],
  },
  {
    title: "row-level security that is off",
    sql: "alter table credential_vault_storage disable row level security",
    kind: "rowSecurity",
    says: [/^public\.credential_vault_storage: Row-level security is off/],
  },
  {
    title: "extended statistics",
    sql: "create statistics pairs on encrypted_private_key, vault_id from credential_vault_storage",
    kind: "statistics",
    says: [/^public\.pairs: Extended statistics of public\.credential_vault_storage\.encrypted_private_key/],
  },
];

for (const major of testedMajors)
  test(`each kind is found where it is, and not where it is not (PostgreSQL ${major})`, async (t) => {
    const without = await withDatabase({ major }, ({ url }) => exposureOf(url));
    for (const { title, sql, kind, says, copies = false } of cases)
      await t.test(title, () =>
        withDatabase({ major, sql }, async ({ url }) => {
          const { findings } = await look(url);
          const texts = said(findings, kind);
          for (const pattern of says) {
            const matching = texts.filter((text) => pattern.test(text));
            assert.equal(matching.length, 1, `${String(pattern)} in\n${texts.join("\n")}`);
            assert.deepEqual(
              said(without, kind).filter((text) => pattern.test(text)),
              [],
            );
          }
          const copying = findings.filter((finding) => finding.copiesDuringRun === true).map((finding) => finding.kind);
          assert.deepEqual(copying, copies ? [kind] : []);
        }),
      );
  });

test("a column list without the key is no exposure, and a filter is told (PostgreSQL 18)", async () => {
  const sql = `create publication part for table credential_vault_storage (id, credential_id, vault_id) with (publish = 'insert');
               create publication few for table project_credentials where (is_active) with (publish = 'insert')`;
  await withDatabase({ sql }, async ({ url }) => {
    const texts = said(await exposureOf(url), "publication");
    assert.equal(texts.length, 1, texts.join("\n"));
    assert.match(texts[0] ?? "", /Publication few sends it with inserts of the rows that its filter allows/);
  });
});

for (const major of testedMajors)
  test(`what the stack made itself is not listed (PostgreSQL ${major})`, async () => {
    const views = ["wallet_status_monitoring", "vault_storage_status"].map(
      (name) =>
        `create view ${name} as select metadata, encrypted_private_key from project_credentials c, credential_vault_storage v;`,
    );
    const sql = `${views.join("")} create table wallet_key_displaced (encrypted_private_key text)`;
    await withDatabase({ major, sql }, async ({ url }) => {
      const findings = await exposureOf(url);
      assert.deepEqual([...said(findings, "view"), ...said(findings, "otherTable")], []);
    });
  });

for (const major of testedMajors)
  test(`the list is the same at every look, while the database is (PostgreSQL ${major})`, async () => {
    const sql =
      "create index by_key on credential_vault_storage (encrypted_private_key); create publication app for all tables";
    await withDatabase(
      { major, load: ["wallet-system", "later-additions", ["mixed", 60]], sql },
      async ({ url, query }) => {
        const first = await exposureOf(url);
        await query("analyze");
        assert.deepEqual(await exposureOf(url), first);
      },
    );
  });
