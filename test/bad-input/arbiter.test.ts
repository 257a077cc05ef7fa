import assert from "node:assert/strict";
import { test } from "node:test";
import { check, configure } from "../../components/key-transfer/operations";
import { testedMajors, withDatabase } from "../support/database";
import { surveyOf } from "../support/surveys";
import { settingsFor, transfer, withConstraint } from "../../testing/transfer";

const vault = "credential_vault_storage";
const load = ["wallet-system", ["waiting", 3]] as const;

/** What is on credential_id where the transfer runs without the constraint of its stack, and what is said of it. */
const lacking: Readonly<Record<string, readonly [sql: string, says: RegExp]>> = {
  "nothing unique": ["", /idx_credential_vault_storage_credential is not unique/],
  "a partial index": [`create unique index part on ${vault} (credential_id) where backup_created`, /part is partial/],
  "an index on more columns": [
    `create unique index two on ${vault} (credential_id, vault_id)`,
    /two is on other columns/,
  ],
  "an index on an expression": [
    `create unique index cast_id on ${vault} ((credential_id::text))`,
    /makes \(credential_id\) unique/,
  ],
  "a deferrable constraint beside one that serves": [
    `${withConstraint}; alter table ${vault} add constraint later unique (credential_id) deferrable`,
    /later belongs to a DEFERRABLE constraint/,
  ],
  "an invalid index": [
    `create unique index broken on ${vault} (credential_id); update pg_index set indisvalid = false where indexrelid = 'broken'::regclass`,
    /broken is INVALID/,
  ],
};

for (const major of testedMajors)
  for (const [what, [sql, says]] of Object.entries(lacking))
    test(`${what}: a preview goes on, the transfer by itself changes nothing (PostgreSQL ${major})`, async () => {
      await withDatabase({ major, load, sql }, async ({ url, query }) => {
        const everything = `select c.*, v.* from project_credentials c full join ${vault} v on v.credential_id = c.id order by c.id`;
        const before = await query(everything);
        const survey = await surveyOf(url);
        configure(url);
        const { failures = [] } = await check(undefined, settingsFor(survey));
        assert.deepEqual(failures, []);
        await assert.rejects(transfer(url), { code: "ERR_ARBITER", message: says });
        assert.deepEqual(await query(everything), before);
      });
    });

test("a key that the column would cut without a word is refused, and stays where it is", async () => {
  const key = `0x${"ab".repeat(32)}`;
  const sql = `${withConstraint}; alter table ${vault} alter encrypted_private_key type varchar(66);
    update project_credentials set metadata = jsonb_build_object('private_key_encrypted', '${key} ') where key_vault_id = 'kv-1';
    update project_credentials set metadata = jsonb_build_object('private_key_encrypted', '${key}a') where key_vault_id = 'kv-2';
    update project_credentials set metadata = jsonb_build_object('private_key_encrypted', '${key}') where key_vault_id = 'kv-3'`;
  await withDatabase({ load, sql }, async ({ url, query }) => {
    const { found, lastRun, refusals } = await transfer(url);
    assert.deepEqual([found.counts.states.stored, found.counts.states.pending, lastRun.refused], [1, 2, 2]);
    assert.deepEqual(
      refusals.map(({ sqlstate }) => sqlstate),
      ["22001", "22001"],
    );
    const left =
      await query(`select key_vault_id as wallet, length(metadata ->> 'private_key_encrypted') as key, vault_stored as flag
      from project_credentials order by 1`);
    assert.deepEqual(left, [
      { wallet: "kv-1", key: 67, flag: false },
      { wallet: "kv-2", key: 67, flag: false },
      { wallet: "kv-3", key: 66, flag: true },
    ]);
    assert.deepEqual(await query(`select encrypted_private_key as key from ${vault}`), [{ key }]);
  });
});
