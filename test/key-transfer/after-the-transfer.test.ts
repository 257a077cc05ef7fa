import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { credentialColumns, vaultColumns } from "../../components/key-transfer/preconditions/columns";
import { takeSurvey } from "../../components/key-transfer/survey";
import { monitoringViews } from "../../components/monitoring/views";
import { wallets } from "../../fixtures/wallets";
import { transfer, withConstraint } from "../../testing/transfer";
import { type Database, testedMajors, withDatabase } from "../support/database";

const page = readFileSync(join(__dirname, "../../docs/after-the-transfer.md"), "utf8");

/** The statements of the page by the name in their first line. */
const statements = new Map(
  [...page.matchAll(/^ *```sql\n *-- (.*)\n([^`]*)```/gm)].map(([, name, sql]) => [String(name), String(sql)]),
);
const used = new Set<string>();

function statement(name: string, id = ""): string {
  used.add(name);
  return (statements.get(name) ?? assert.fail(`no ${name} on the page`)).replaceAll("<credential id>", id);
}

const first = "the key at the first path";
const second = "the key at the second path";

const documents: Readonly<Record<string, { metadata: unknown; vault?: string }>> = {
  moved: { metadata: { private_key_encrypted: first } },
  vaultRight: { metadata: { private_key_encrypted: second }, vault: first },
  metadataRight: { metadata: { private_key_encrypted: first }, vault: second },
  ambiguous: { metadata: { private_key_encrypted: first, vault_storage: { encrypted_private_key: second } } },
  twice: { metadata: JSON.stringify({ private_key_encrypted: first }) },
  missing: { metadata: {} },
};

async function load({ query, url }: Database): Promise<Record<string, string>> {
  const ids: Record<string, string> = {};
  for (const [name, { metadata, vault }] of Object.entries(documents)) {
    const [row] = await query<{ id: string }>(
      "insert into project_credentials (project_id, credential_type, metadata) values (gen_random_uuid(), 'w', $1) returning id",
      [JSON.stringify(metadata)],
    );
    ids[name] = row?.id ?? "";
    if (vault !== undefined)
      await query(
        "insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key) values ($1, $2, $3)",
        [ids[name], name, vault],
      );
  }
  const { schemaFacts } = await takeSurvey(url, wallets);
  const { walletStatus, storageStatus } = monitoringViews(wallets, schemaFacts);
  await query(
    `create view wallet_status_monitoring as ${walletStatus}; create view vault_storage_status as ${storageStatus}`,
  );
  return ids;
}

for (const major of testedMajors)
  test(`the statements of docs/after-the-transfer.md settle each state, and lose no key (PostgreSQL ${major})`, async () => {
    await withDatabase({ major, sql: withConstraint }, async (database) => {
      const { query, url } = database;
      const ids = await load(database);
      await transfer(url);
      const open = async (): Promise<Record<string, unknown>> =>
        Object.fromEntries(
          (await query(statement("open"))).map(({ credential_id, migration_status }) => [
            Object.keys(ids).find((name) => ids[name] === credential_id) ?? "",
            migration_status,
          ]),
        );
      assert.deepEqual(await open(), {
        vaultRight: "conflict",
        metadataRight: "conflict",
        ambiguous: "ambiguousSource",
        twice: "unreadableSource",
        missing: "missingKey",
      });
      assert.deepEqual(await query(statement("read", ids["moved"])), [{ encrypted_private_key: first }]);
      const columns = (await query(statement("defaults"))).map(({ column }) => column);
      assert.ok(columns.includes("encryption_method") && columns.includes("backup_created"));
      assert.ok((await query(statement("grants"))).length > 0);

      const which = async (state: string): Promise<unknown[]> =>
        (await query(statement(`${state}: which`))).map(({ credential_id }) => credential_id);
      assert.deepEqual(await which("conflict"), [ids["vaultRight"], ids["metadataRight"]].toSorted());
      assert.deepEqual(await which("ambiguousSource"), [ids["ambiguous"]]);
      assert.deepEqual(await which("missingKey"), [ids["missing"]]);
      assert.deepEqual(await which("pending"), []);

      await query(statement("set aside"));
      await query(statement("conflict: keep the vault's key", ids["vaultRight"]));
      await query(statement("conflict: keep the key of metadata", ids["metadataRight"]));
      await query(statement("ambiguousSource: keep the key at private_key_encrypted", ids["ambiguous"]));
      const kinds = await query(statement("unreadableSource: which"));
      assert.deepEqual(kinds, [
        { credential_id: ids["twice"], document: "string", first: null, step: null, second: null },
      ]);
      await query(statement("unreadableSource: decode a document that was encoded twice", ids["twice"]));
      await transfer(url);

      assert.deepEqual(await open(), { missing: "missingKey" });
      const keys = await query("select distinct encrypted_private_key as key from credential_vault_storage");
      assert.deepEqual(keys, [{ key: first }]);
      const aside = await query("select credential_id, place, value from wallet_keys_set_aside order by place");
      assert.deepEqual(aside, [
        { credential_id: ids["vaultRight"], place: "metadata", value: second },
        { credential_id: ids["ambiguous"], place: "metadata.vault_storage", value: second },
        { credential_id: ids["metadataRight"], place: "vault", value: second },
      ]);
      assert.deepEqual([...used].toSorted(), [...statements.keys()].toSorted(), "a statement that nobody tried");
    });
  });

test("the page describes every column of the views, in their order", async () => {
  const section = /\n## The columns of the views\n(.*?)\n## /s.exec(page)?.[1] ?? "";
  const [, ...tables] = section.split(/\n\| column .*\n/);
  const described = tables.map((rows) => [...rows.matchAll(/^\| `(\w+)` /gm)].map(([, column]) => column));
  await withDatabase({ sql: withConstraint }, async (database) => {
    await load(database);
    const views = await Promise.all(
      ["wallet_status_monitoring", "vault_storage_status"].map((view) =>
        database.query<{ column: string }>(
          `select attname as column from pg_attribute where attrelid = '${view}'::regclass and attnum > 0 order by attnum`,
        ),
      ),
    );
    assert.deepEqual(
      described,
      views.map((columns) => columns.map(({ column }) => column)),
    );
  });
});

test("the preview requires every column of the two tables that the views read", async () => {
  await withDatabase({ sql: withConstraint }, async (database) => {
    await load(database);
    const read = await database.query<{ table: string; column: string }>(
      `select distinct d.refobjid::regclass::text as table, a.attname as column
         from pg_rewrite r join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refobjsubid > 0
         join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
        where r.ev_class in ('wallet_status_monitoring'::regclass, 'vault_storage_status'::regclass)
          and d.refobjid in ('project_credentials'::regclass, 'credential_vault_storage'::regclass)`,
    );
    const required = { project_credentials: credentialColumns, credential_vault_storage: vaultColumns };
    const optional = ["access_level", "revoked_at"]; // read only where they are; see revocationColumns
    const forgotten = read.filter(
      ({ table, column }) =>
        !optional.includes(column) && !Object.hasOwn(required[table as keyof typeof required], column),
    );
    assert.ok(read.length > 8);
    assert.deepEqual(forgotten, [], "add them to preconditions/columns.ts");
  });
});
