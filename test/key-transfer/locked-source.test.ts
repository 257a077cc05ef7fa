import assert from "node:assert/strict";
import { test } from "node:test";
import { walletStateSql } from "../../components/key-transfer/wallet-state";
import { prepareBatches, runBatch } from "../../components/key-transfer/sql/batch";
import { openSession } from "../../components/postgres/connection";
import { type Database, testedMajors, withDatabase } from "../support/database";
import { eventually } from "../support/eventually";
import { schemaFacts, wallets } from "../../fixtures/wallets";
import { withConstraint } from "../../testing/transfer";

const stateSql = walletStateSql(wallets, schemaFacts);
const everything = { range: { from: 0, to: 10 }, lane: 0, lanes: 1, waitForLocks: true };

/** Runs a batch that has to wait for `change` to one wallet, and commits the change while it waits. */
async function whileItWaits(database: Database, change: string): Promise<void> {
  const application = await database.session();
  const transfer = await openSession(database.url, { purpose: "moving keys" });
  const prepared = await prepareBatches(transfer, wallets, stateSql);
  await application.query(`begin; ${change}`);
  const batch = runBatch(prepared, wallets, stateSql, everything, () => undefined);
  const waiting = async () => (await database.query("select from pg_locks where not granted"))[0];
  await eventually("the batch waits for a lock", waiting, batch);
  await application.query("commit");
  await batch;
  // What the first batch judged too old to touch is for the next one.
  await runBatch(prepared, wallets, stateSql, everything, () => undefined);
  await transfer.end();
}

const second = "where key_vault_id = 'kv-2'";
const outcome = `
  select c.vault_stored, v.encrypted_private_key as key
    from project_credentials c left join credential_vault_storage v on v.credential_id = c.id ${second}`;

for (const major of testedMajors) {
  const content = { major, load: ["wallet-system", ["waiting", 3]], sql: withConstraint } as const;

  test(`a key that was replaced while its row was waited for arrives as the new one (PostgreSQL ${major})`, async () => {
    await withDatabase(content, async (database) => {
      await whileItWaits(
        database,
        `update project_credentials set metadata = '{"private_key_encrypted": "the new key"}' ${second}`,
      );
      assert.deepEqual(await database.query(outcome), [{ vault_stored: true, key: "the new key" }]);
    });
  });

  test(`a key that was taken away while its row was waited for does not arrive (PostgreSQL ${major})`, async () => {
    await withDatabase(content, async (database) => {
      await whileItWaits(database, `update project_credentials set metadata = '{}' ${second}`);
      assert.deepEqual(await database.query(outcome), [{ vault_stored: false, key: null }]);
    });
  });

  test(`a vault row that an application made meanwhile stays as it is (PostgreSQL ${major})`, async () => {
    await withDatabase(content, async (database) => {
      await whileItWaits(
        database,
        `update project_credentials set vault_stored = true ${second};
         insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
         select id, 'theirs', 'their key' from project_credentials ${second}`,
      );
      assert.deepEqual(await database.query(outcome), [{ vault_stored: true, key: "their key" }]);
    });
  });
}
