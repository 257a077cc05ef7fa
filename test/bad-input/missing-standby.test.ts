import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "pg";
import { deleteView } from "../../components/view/delete";
import { applyView } from "../../components/view/apply";
import { fixture } from "../../fixtures/fixtures";
import { PostgresServer } from "../../testing/postgres-server";
import { testedMajors } from "../support/database";
import { transfer } from "../../testing/transfer";
import { collapse } from "../unique-constraint/duplicate-rows";
import { make } from "../unique-constraint/support";
import { items, silent } from "../view/view-sandbox";

/** Everything that commits, on a server where every commit waits for a standby that does not come. */
async function everything(url: string): Promise<string[]> {
  const { origin } = await make({ url }, { collapse });
  const { found } = await transfer(url);
  const spec = { ...items, schema: "public", query: "select id from public.project_credentials" };
  const view = await applyView(url, spec, undefined, silent);
  await deleteView(url, view, silent);
  return [origin, String(found.counts.states.pending)];
}

for (const major of testedMajors)
  test(`a synchronous standby that is gone holds nothing up (PostgreSQL ${major})`, async () => {
    const server = await PostgresServer.start({
      major,
      settings: { fsync: "off", synchronous_standby_names: "gone" },
    });
    const admin = new Client({ connectionString: server.url() });
    try {
      await admin.connect();
      await admin.query("set synchronous_commit = local");
      await admin.query(fixture("wallet-system"));
      await admin.query(fixture("mixed", 40));
      await admin.query(`insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
        select credential_id, vault_id || '-copy', encrypted_private_key from credential_vault_storage limit 1`);
      const over = new AbortController();
      const work = everything(server.url()).finally(() => over.abort());
      // Whoever waits there waits for ever; ended, it fails and so does this test.
      while (!over.signal.aborted)
        await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where wait_event = 'SyncRep'");
      assert.deepEqual(await work, ["created", "0"]);
    } finally {
      await admin.end();
      await server.remove();
    }
  });
