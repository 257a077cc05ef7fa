import assert from "node:assert/strict";
import { test } from "node:test";
import { walletStateSql } from "../../components/key-transfer/wallet-state";
import { prepareBatches, runBatch } from "../../components/key-transfer/sql/batch";
import { openSession } from "../../components/postgres/connection";
import { type Database, testedMajors, withDatabase } from "../support/database";
import { schemaFacts, wallets } from "../../fixtures/wallets";
import { withConstraint } from "../../testing/transfer";

const stateSql = walletStateSql(wallets, schemaFacts);
const keys = 2000;
const most = 50;

/** One batch over all wallets, of which a transaction may lock 50. */
async function moveAll(database: Database, waitForLocks: boolean): Promise<number> {
  const session = await openSession(database.url, { purpose: "moving keys" });
  const prepared = await prepareBatches(session, wallets, stateSql);
  const range = { from: 0, to: 1000 };
  let transactions = 0;
  await runBatch(
    prepared,
    wallets,
    stateSql,
    { range, lane: 0, lanes: 1, waitForLocks, most },
    () => (transactions += 1),
  );
  await session.end();
  return transactions;
}

/** Keys that each transaction brought, the most first; wallets whose key is in the vault, byte for byte. */
async function brought(database: Database): Promise<{ most: number; moved: number }> {
  const [row] = await database.query<{ most: number; moved: number }>(`
    select (select max(n)::int from (select count(*) as n from credential_vault_storage group by xmin::text) t) as most,
           (select count(*)::int from project_credentials c join credential_vault_storage v on v.credential_id = c.id
             where c.vault_stored and v.encrypted_private_key = c.metadata ->> 'private_key_encrypted') as moved`);
  assert.ok(row);
  return row;
}

for (const major of testedMajors) {
  const content = { major, load: ["wallet-system", ["waiting", keys]], sql: withConstraint } as const;

  for (const waitForLocks of [false, true]) {
    const how = `${waitForLocks ? "waiting for locks" : "skipping locked rows"}, PostgreSQL ${major}`;

    test(`no transaction moves more wallets than it may, and all are moved in the end (${how})`, async () => {
      await withDatabase(content, async (database) => {
        const transactions = await moveAll(database, waitForLocks);
        const found = await brought(database);
        assert.equal(found.moved, keys);
        assert.ok(found.most <= most, `${found.most} in one transaction`);
        // Each half is begun by the one before it: a few more than the least there can be, not one for each block.
        assert.ok(transactions < (4 * keys) / most, `${transactions} transactions`);
      });
    });

    test(`wallets that cannot be moved do not keep the others from it, however many they are (${how})`, async () => {
      const unmovable = "update project_credentials set metadata = '{}' where substr(id::text, 1, 1) <> '0'";
      await withDatabase({ ...content, sql: `${withConstraint}; ${unmovable}` }, async (database) => {
        const [movable] = await database.query<{ n: number }>(
          "select count(*)::int as n from project_credentials where metadata <> '{}'",
        );
        await moveAll(database, waitForLocks);
        assert.ok(movable !== undefined && movable.n > most);
        assert.equal((await brought(database)).moved, movable.n);
      });
    });
  }
}
