import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
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
  await query(`create view wallet_status_monitoring as ${monitoringViews(wallets, schemaFacts).walletStatus}`);
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

      await query(statement("set aside"));
      await query(statement("conflict: keep the vault's key", ids["vaultRight"]));
      await query(statement("conflict: keep the key of metadata", ids["metadataRight"]));
      await query(statement("ambiguousSource: keep the key at private_key_encrypted", ids["ambiguous"]));
      const [kinds] = await query(statement("unreadableSource: look", ids["twice"]));
      assert.deepEqual(kinds, { document: "string", first: null, step: null, second: null });
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
