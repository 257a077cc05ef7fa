import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Client } from "pg";
import { fixture } from "../../fixtures/fixtures";
import { PostgresServer } from "../../testing/postgres-server";
import { transfer, withConstraint } from "../../testing/transfer";

const started = PostgresServer.start({ settings: { fsync: "off", deadlock_timeout: "200ms" } });
after(async () => (await started).remove());

test("where the transfer and an application wait for each other, it is never the application that is ended", async () => {
  const host = await started;
  const admin = new Client({ connectionString: host.url("postgres") });
  await admin.connect();
  try {
    await admin.query(fixture("wallet-system"));
    await admin.query(fixture("waiting", 400));
    await admin.query(withConstraint);
    const application = new Client({ connectionString: host.url("postgres") });
    await application.connect();
    const errors: unknown[] = [];
    let transactions = 0;
    for (let round = 0; round < 4; round += 1) {
      await admin.query("delete from credential_vault_storage; update project_credentials set vault_stored = false");
      const writing = new Set([round]);
      // From the last wallet to the first: against the order in which batches lock.
      const writer = (async () => {
        while (writing.size > 0) {
          try {
            await application.query("begin");
            for (const n of [390, 250, 120, 3])
              await application.query(`update project_credentials set status = 'seen' where key_vault_id = 'kv-${n}'`);
            await application.query("commit");
            transactions += 1;
          } catch (error) {
            errors.push((error as { code?: unknown }).code);
            await application.query("rollback");
          }
        }
      })();
      // A time limit that a deadlock would be found before, were it taken as it is.
      await transfer(host.url("postgres"), { limits: { lockTimeoutMs: 5_000 } }).finally(() => {
        writing.clear();
        return writer;
      });
    }
    await application.end();
    assert.deepEqual(errors, []);
    assert.ok(transactions > 0);
  } finally {
    await admin.end();
  }
});
