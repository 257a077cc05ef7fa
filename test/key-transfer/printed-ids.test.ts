import assert from "node:assert/strict";
import { test } from "node:test";
import * as constraint from "../../components/unique-constraint/operations";
import { attentionOf } from "../../components/key-transfer/attention";
import { testedMajors, withDatabase } from "../support/database";
import { transfer } from "../../testing/transfer";

const bad = "w\n::set-output name=key::x\u202e";
const shown = "w\\u000a::set-output name=key::x\\u202e";
const tables = (unique: string): string => `
  drop table credential_vault_storage, project_credentials;
  create table project_credentials (id text primary key, project_id uuid, credential_type text, network text, wallet_address text,
    key_vault_id text, vault_stored boolean, vault_backup_date timestamptz, metadata jsonb);
  create table credential_vault_storage (credential_id text not null ${unique}, vault_id text not null unique,
    encrypted_private_key text not null check (encrypted_private_key <> 'refused'));
  create index on credential_vault_storage (credential_id);`;
const id = `E'w\\n::set-output name=key::x\\u202e'`;

for (const major of testedMajors) {
  test(`ids in attention, of refused wallets and of others, are on one line (PostgreSQL ${major})`, async () => {
    const sql = `${tables("unique")} insert into project_credentials (id, metadata) values (${id}, '{}'),
      (${id} || '2', '{"private_key_encrypted": "refused"}')`;
    await withDatabase({ major, sql }, async ({ url, query }) => {
      const lines: string[] = [];
      const { found, refusals } = await transfer(url, { report: (line) => lines.push(line) });
      assert.deepEqual(await query("select id from project_credentials where id = $1", [bad]), [{ id: bad }]);
      assert.deepEqual(
        attentionOf(found, refusals).map(({ credentialId }) => credentialId),
        [`${shown}2`, shown],
      );
      assert.ok(!lines.join(" ").includes("\n"));
    });
  });

  test(`ids of duplicates are on one line (PostgreSQL ${major})`, async () => {
    const sql = `${tables("")} insert into project_credentials (id) values (${id});
      insert into credential_vault_storage values (${id}, 'a', 'one'), (${id}, 'b', 'two')`;
    await withDatabase({ major, sql }, async ({ url }) => {
      constraint.configure(url);
      const declared = {
        schema: "public",
        table: "credential_vault_storage",
        columns: ["credential_id"],
        name: "one_row",
      };
      const limits = { indexDeadlineMinutes: 1, lockTimeoutMs: 500, lockDeadlineMinutes: 1 };
      const { failures = [] } = await constraint.check({}, { ...declared, ...limits });
      assert.match(failures[0]?.reason ?? "", /ERR_DUPLICATES/);
      assert.ok(failures[0]?.reason.includes(shown));
      assert.ok(!failures[0]?.reason.includes("\n"));
    });
  });
}
