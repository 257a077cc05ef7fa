import assert from "node:assert/strict";
import { test } from "node:test";
import { attentionOf } from "../../components/key-transfer/attention";
import { testedMajors, withDatabase } from "../support/database";
import { transfer, withConstraint } from "../../testing/transfer";

const load = ["wallet-system"] as const;
const wallet = (n: number, metadata: string, flag = false): string =>
  `insert into project_credentials (id, project_id, credential_type, network, vault_stored, metadata)
   values ('00000000-0000-0000-0000-00000000000${n}', gen_random_uuid(), 'w', '${n}', ${flag}, ${metadata});`;
const row = (n: number, key: string, more: string): string =>
  `insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key) values ('00000000-0000-0000-0000-00000000000${n}', 'v${n}', '${key}');
   update credential_vault_storage set ${more} where vault_id = 'v${n}';`;

/** Documents that hold a key behind a step that cannot be walked, and those that hold none at all. */
const documents: readonly [string, "unreadableSource" | "missingKey"][] = [
  [`to_jsonb('{"private_key_encrypted": "0xk"}'::text)`, "unreadableSource"],
  [`'[{"private_key_encrypted": "0xk"}]'`, "unreadableSource"],
  [`'{"vault_storage": "{\\"encrypted_private_key\\": \\"0xk\\"}"}'`, "unreadableSource"],
  [`'{"vault_storage": [{"encrypted_private_key": "0xk"}]}'`, "unreadableSource"],
  [`'7'`, "unreadableSource"],
  [`'null'`, "missingKey"],
  [`null`, "missingKey"],
  [`'{"vault_storage": null}'`, "missingKey"],
  [`'{"vault_storage": {}, "private_key_encrypted": ""}'`, "missingKey"],
];

for (const major of testedMajors)
  for (const column of ["jsonb", "json"])
    test(`a path that cannot be walked is unreadable, not a missing key (${column}, PostgreSQL ${major})`, async () => {
      const sql = `${withConstraint}; ${documents.map(([document], n) => wallet(n, document)).join(" ")}
        alter table project_credentials alter metadata type ${column} using metadata::${column};`;
      await withDatabase({ major, load, sql }, async (database) => {
        const { found } = await transfer(database.url);
        const expected = (state: string) => documents.filter(([, one]) => one === state).length;
        assert.deepEqual(
          [found.counts.states.unreadableSource, found.counts.states.missingKey],
          [expected("unreadableSource"), expected("missingKey")],
        );
        assert.deepEqual(
          attentionOf(found, [])
            .filter(({ state }) => state === "unreadableSource")
            .map(({ credentialId }) => Number(credentialId.at(-1))),
          documents.flatMap(([, state], n) => (state === "unreadableSource" ? [n] : [])),
        );
      });
    });

for (const major of testedMajors)
  test(`a vault row that somebody emptied on revocation is never filled, and is told (PostgreSQL ${major})`, async () => {
    const key = `'{"private_key_encrypted": "0xTESTKEY"}'`;
    const sql = `${withConstraint};
      ${wallet(1, key, true)} ${row(1, "", "access_level = 'revoked'")}
      ${wallet(2, key)} ${row(2, "MIGRATION_REQUIRED", "revoked_at = now()")}
      ${wallet(3, "'{}'")} ${row(3, "", "access_level = 'revoked', revoked_at = now()")}
      ${wallet(4, key)} ${row(4, "", "access_level = 'project_member'")}
      ${wallet(5, key)} ${row(5, "0xTESTKEY", "access_level = 'revoked'")}`;
    await withDatabase({ major, load, sql }, async (database) => {
      const { found, lastRun } = await transfer(database.url);
      assert.deepEqual(
        await database.query("select vault_id, encrypted_private_key as key from credential_vault_storage order by 1"),
        [
          { vault_id: "v1", key: "" },
          { vault_id: "v2", key: "MIGRATION_REQUIRED" },
          { vault_id: "v3", key: "" },
          { vault_id: "v4", key: "0xTESTKEY" },
          { vault_id: "v5", key: "0xTESTKEY" },
        ],
      );
      assert.deepEqual(found.counts.states, {
        stored: 2,
        pending: 0,
        conflict: 3,
        ambiguousSource: 0,
        unreadableSource: 0,
        missingKey: 0,
      });
      assert.deepEqual([lastRun.transferred, lastRun.flagsCleared, lastRun.flagsSet], [1, 1, 2]);
    });
  });
