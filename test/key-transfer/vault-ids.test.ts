import assert from "node:assert/strict";
import { test } from "node:test";
import { testedMajors, withDatabase } from "../support/database";
import { transfer, withConstraint } from "../support/wallets";

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
