import assert from "node:assert/strict";
import { test } from "node:test";
import { refusalReason } from "../../components/key-transfer/summary";
import { testedMajors, withDatabase } from "../support/database";
import { transfer, withConstraint } from "../../testing/transfer";

const content = { load: ["wallet-system", ["waiting", 40]] } as const;
const idsByWallet = `
  select v.vault_id ~ '^vault-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' and v.vault_id <> 'vault-' || c.id as drawn, v.encrypted_private_key = c.metadata ->> 'private_key_encrypted' as right, count(*)::int as n
    from project_credentials c join credential_vault_storage v on v.credential_id = c.id group by 1, 2 order by 1`;

for (const major of testedMajors) {
  test(`columns of other collations than the vault's own keep nobody out (PostgreSQL ${major})`, async () => {
    const collations = `${withConstraint};
      alter table credential_vault_storage alter vault_id type varchar collate "en-x-icu";
      alter table project_credentials alter key_vault_id type varchar collate "C";
      update project_credentials set key_vault_id = 'shared' where key_vault_id like '%3'`;
    await withDatabase({ ...content, major, sql: collations }, async (database) => {
      const { lastRun } = await transfer(database.url);
      // Four share an id: one gets it.
      assert.deepEqual([lastRun.transferred, lastRun.refused, lastRun.vaultIdsAssigned], [40, 0, 3]);
      assert.deepEqual(await database.query(idsByWallet), [
        { drawn: false, right: true, n: 37 },
        { drawn: true, right: true, n: 3 },
      ]);
    });
  });
}

const second = "(select id from project_credentials where key_vault_id = 'kv-2')";

/** What would keep wallets out for ever if each insisted on the id it wants; and how many get the last resort. */
const contested: readonly { what: string; sql: string; assigned: number }[] = [
  {
    what: "names another wallet's id, which has none but that",
    sql: `update project_credentials set metadata = metadata || jsonb_build_object('private_key_vault_id', 'vault-' || ${second})
            where key_vault_id = 'kv-1';
          update project_credentials set key_vault_id = null where key_vault_id = 'kv-2';`,
    assigned: 1,
  },
  {
    what: "does not fit into the column",
    sql: "alter table credential_vault_storage alter vault_id type varchar(45); update project_credentials set key_vault_id = repeat('x', 60) where key_vault_id = 'kv-1';",
    assigned: 1,
  },
  {
    what: "does not fit where there is room for a uuid alone",
    sql: "alter table credential_vault_storage alter vault_id type varchar(36); update project_credentials set key_vault_id = null;",
    assigned: 40,
  },
  {
    what: "no index can hold",
    sql: `update project_credentials set metadata = metadata || jsonb_build_object('private_key_vault_id',
      (select string_agg(encode(sha256(i::text::bytea), 'base64'), '') from generate_series(1, 300) i)) where key_vault_id = 'kv-1';`,
    assigned: 1,
  },
  {
    what: "differs from another by case alone, where the index does not look at that",
    sql: `create unique index vault_id_ci on credential_vault_storage (lower(vault_id));
      update project_credentials set key_vault_id = 'KV-2' where key_vault_id = 'kv-1';`,
    assigned: 1,
  },
];

for (const major of testedMajors)
  for (const { what, sql, assigned } of contested)
    test(`a vault_id that ${what} keeps no wallet out (PostgreSQL ${major})`, async () => {
      await withDatabase({ ...content, major, sql: `${withConstraint}; ${sql}` }, async (database) => {
        const { found, lastRun } = await transfer(database.url);
        assert.deepEqual([lastRun.transferred, lastRun.refused, lastRun.vaultIdsAssigned], [40, 0, assigned]);
        assert.deepEqual([found.counts.states.stored, found.counts.states.pending], [40, 0]);
        const [ids] = await database.query(
          "select count(distinct lower(vault_id))::int as n from credential_vault_storage",
        );
        assert.deepEqual(ids, { n: 40 });
      });
    });

test("a unique index that one key breaks is named, and the key stays where it is", async () => {
  const sql = `${withConstraint}; create unique index one_key on credential_vault_storage (encrypted_private_key);
    update project_credentials set metadata = (select metadata from project_credentials where key_vault_id = 'kv-2') where key_vault_id = 'kv-1';`;
  await withDatabase({ ...content, sql }, async (database) => {
    const { found, refusals } = await transfer(database.url);
    assert.deepEqual(refusals.map(refusalReason), ["23505 unique_violation, index one_key"]);
    assert.deepEqual([found.counts.states.stored, found.counts.states.pending], [39, 1]);
  });
});
