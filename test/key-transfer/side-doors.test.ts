import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Client } from "pg";
import { fixture } from "../../fixtures/fixtures";
import { type Major, PostgresServer } from "../../testing/postgres-server";
import { keysIn } from "../support/leaks";
import { transfer, withConstraint } from "../../testing/transfer";

const servers: PostgresServer[] = [];
after(async () => {
  for (const one of servers) await one.remove();
});

const keys = 800;

/** A server that tells whatever it can tell. */
async function talkative(major: Major): Promise<{ admin: Client; server: PostgresServer }> {
  const server = await PostgresServer.start({
    major,
    settings: {
      fsync: "off",
      shared_preload_libraries: "pg_stat_statements,auto_explain",
      "pg_stat_statements.track": "all",
      "auto_explain.log_min_duration": "0",
      "auto_explain.log_nested_statements": "on",
      "auto_explain.log_verbose": "on",
      log_statement: "all",
      log_min_messages: "debug1",
      log_min_error_statement: "debug1",
      log_error_verbosity: "verbose",
      log_parameter_max_length: "-1",
      log_parameter_max_length_on_error: "-1",
      log_temp_files: "0",
      log_lock_waits: "on",
    },
  });
  servers.push(server);
  const admin = new Client({ connectionString: server.url("postgres") });
  await admin.connect();
  await admin.query("create extension pg_stat_statements");
  await admin.query("set auto_explain.log_min_duration = -1; set log_statement = 'none'; set log_min_messages = error");
  await admin.query(fixture("wallet-system"));
  await admin.query(fixture("waiting", keys));
  await admin.query(withConstraint);
  return { admin, server };
}

for (const major of [14, 18] as const)
  test(`statistics, plans, temporary files and a talkative log hold no key (PostgreSQL ${major})`, async () => {
    const { admin, server } = await talkative(major);
    try {
      const { rows } = await admin.query<{ key: string }>(
        "select metadata ->> 'private_key_encrypted' as key from project_credentials",
      );
      const all = rows.map(({ key }) => key);
      const offset = (await server.log()).length;
      const { lastRun } = await transfer(server.url("postgres"));
      assert.equal(lastRun.transferred, keys);
      const log = (await server.log()).slice(offset);
      assert.ok(log.includes("wallet_vault_move_hurried"), "the log tells what the transfer does");
      assert.equal(keysIn(log, all), 0);
      assert.deepEqual(log.match(/temporary file: path .*/g), null);
      const statements = await admin.query<{ query: string }>("select query from pg_stat_statements");
      assert.equal(keysIn(statements.rows.map(({ query }) => query).join("\n"), all), 0);
      // As many as there are kinds of statements, whatever the number of batches.
      const ours = statements.rows.filter(({ query }) => /wallet_vault/.test(query));
      assert.ok(ours.length > 0 && ours.length < 25, `${ours.length} entries for ${lastRun.batches} batches`);
    } finally {
      await admin.end();
    }
  });
