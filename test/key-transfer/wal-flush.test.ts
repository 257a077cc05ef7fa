import assert from "node:assert/strict";
import { test } from "node:test";
import type { WalletVaultError } from "../../components/postgres/errors";
import { statusOf } from "../../components/key-transfer/summary";
import { Client } from "pg";
import { fixture } from "../../fixtures/fixtures";
import { PostgresServer } from "../../testing/postgres-server";
import { testedMajors, withDatabase } from "../support/database";
import { transfer, withConstraint } from "../../testing/transfer";

/** Servers that keep their place in the log to themselves, or the function that writes to it. */
const without = (name: string, signature: string, result: string): string => `
  alter function pg_catalog.${name}(${signature}) rename to ${name}_original;
  create function pg_catalog.${name}(${signature}) returns ${result} language plpgsql as $$
  begin raise exception using errcode = '55000'; end $$;`;
const positions =
  without("pg_current_wal_insert_lsn", "", "pg_lsn") + without("pg_current_wal_flush_lsn", "", "pg_lsn");
const withoutMessages = `do $$ declare f record; begin
  for f in select oid::regprocedure as name from pg_proc where proname = 'pg_logical_emit_message' loop
    execute format('alter function %s rename to pg_logical_emit_message_original', f.name);
  end loop; end $$;`;

for (const major of testedMajors) {
  test(`a server that tells no place in its log, as Aurora does, is no obstacle (PostgreSQL ${major})`, () =>
    withDatabase(
      {
        major,
        load: ["wallet-system", ["waiting", 20]],
        sql: `set allow_system_table_mods = on; ${withConstraint}; ${positions}`,
      },
      async (database) => {
        const { found } = await transfer(database.url);
        assert.deepEqual([statusOf(found.counts), found.counts.states.stored], ["complete", 20]);
      },
    ));

  test(`a server that lets no message be written to its log is waited for (PostgreSQL ${major})`, () =>
    withDatabase(
      {
        major,
        load: ["wallet-system", ["waiting", 20]],
        sql: `set allow_system_table_mods = on; ${withConstraint}; ${withoutMessages}`,
      },
      async (database) => {
        const { found } = await transfer(database.url);
        assert.deepEqual([statusOf(found.counts), found.counts.states.stored], ["complete", 20]);
      },
    ));

  test(`a server that never brings its log to disk is waited for until the deadline (PostgreSQL ${major})`, () =>
    withDatabase(
      {
        major,
        load: ["wallet-system", ["waiting", 20]],
        sql: `set allow_system_table_mods = on; ${withConstraint}; ${withoutMessages}
          alter function pg_current_wal_flush_lsn() rename to pg_current_wal_flush_lsn_original;
          create function pg_catalog.pg_current_wal_flush_lsn() returns pg_lsn language sql as $$ select '0/0'::pg_lsn $$;`,
      },
      async (database) => {
        await assert.rejects(
          transfer(database.url, { limits: { lockDeadlineMinutes: 0.005 } }),
          (error: WalletVaultError) =>
            error.code === "ERR_DATABASE" && error.message.includes("did not bring its write-ahead log to disk"),
        );
      },
    ));

  test(`what a run reports is on disk, however slow the server's WAL writer is (PostgreSQL ${major})`, async () => {
    const server = await PostgresServer.start({
      major,
      settings: { wal_writer_delay: "10s", wal_writer_flush_after: "0" },
    });
    const admin = new Client({ connectionString: server.url() });
    try {
      admin.on("error", () => undefined);
      await admin.connect();
      for (const sql of [fixture("wallet-system"), fixture("waiting", 200), withConstraint]) await admin.query(sql);
      const { found } = await transfer(server.url());
      assert.equal(found.counts.states.stored, 200);
      // As if the power failed: what is not on disk is gone.
      await server.restart("immediate");
      const again = new Client({ connectionString: server.url() });
      await again.connect();
      const { rows } = await again.query("select count(*)::int as n from credential_vault_storage");
      await again.end();
      assert.deepEqual(rows, [{ n: 200 }]);
    } finally {
      await admin.end().catch(() => undefined);
      await server.remove();
    }
  });
}
