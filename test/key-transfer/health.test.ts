import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Client } from "pg";
import { fixture } from "../../fixtures/fixtures";
import { missingMonitoringPrivileges } from "../../components/batches/health";
import { withClient } from "../../components/postgres/connection";
import { PostgresServer } from "../../testing/postgres-server";
import { eventually } from "../support/eventually";
import { pausedTransfer } from "../support/paused";
import { transfer, withConstraint } from "../../testing/transfer";

/** A server of its own: the archive command is a setting of the whole server. */
let server: PostgresServer;
let admin: Client;

before(async () => {
  server = await PostgresServer.start({
    settings: { fsync: "off", archive_mode: "on", archive_command: "test -e archive-is-open", wal_level: "replica" },
  });
  admin = new Client({ connectionString: server.url() });
  await admin.connect();
  await admin.query(fixture("wallet-system"));
  await admin.query(fixture("waiting", 2000));
  await admin.query(withConstraint);
});

after(async () => {
  await admin.end();
  await server.remove();
});

async function segmentsWaiting(): Promise<number> {
  const { rows } = await admin.query<{ n: number }>(
    "select count(*)::int as n from pg_ls_archive_statusdir() where name like '%.ready'",
  );
  return rows[0]?.n ?? 0;
}

test("a transfer pauses while the archive is behind, says so, and ends once it has caught up", async () => {
  await eventually("three segments wait to be archived", async () => {
    await admin.query("create table if not exists noise (); drop table noise; select pg_switch_wal()");
    return (await segmentsWaiting()) >= 3 || undefined;
  });
  const { found, said } = await pausedTransfer(server.url(), admin, { maxArchiveBacklog: 2 }, () =>
    writeFileSync(join(server.dataFolder, "archive-is-open"), ""),
  );
  assert.match(said ?? "", /^pausing: \d+ WAL segments wait to be archived \(limit 2\)$/);
  assert.equal(found.counts.states.stored, 2000);
});

test("a pause that does not end is given up, nothing is moved, and the result says why", async () => {
  await admin.query("delete from credential_vault_storage; update project_credentials set vault_stored = false");
  rmSync(join(server.dataFolder, "archive-is-open"));
  await eventually("three segments wait to be archived", async () => {
    await admin.query("create table if not exists noise (); drop table noise; select pg_switch_wal()");
    return (await segmentsWaiting()) >= 3 || undefined;
  });
  for (const limits of [{ lockDeadlineMinutes: 0.001 }, { lockDeadlineMinutes: 10, maxMinutes: 0.001 }]) {
    const result = await transfer(server.url(), { limits: { maxArchiveBacklog: 2, ...limits } });
    assert.deepEqual([result.found.counts.states.pending, result.lastRun.transferred], [2000, 0]);
    assert.match(
      result.whyOpen ?? "",
      /^The run ended before it was done, because (it had to pause for 0.001 minutes .* WAL segments wait|its time)/,
    );
  }
});

test("a role that cannot see the lag or the backlog is told so, and its keys are moved all the same", async () => {
  await admin.query(`
    select pg_create_physical_replication_slot('follower');
    create role mover login password 'mover' bypassrls;
    grant select, insert, update on credential_vault_storage to mover;
    grant select, update on project_credentials to mover;
    delete from credential_vault_storage;
    update project_credentials set vault_stored = false`);
  const lines: string[] = [];
  const { found } = await transfer(server.url("postgres", "mover", "mover"), { report: (line) => lines.push(line) });
  assert.match(lines[0] ?? "", /^this role cannot see replication lag and the archive backlog/);
  assert.equal(found.counts.states.stored, 2000);
});

test("nothing is said of replication lag where nothing follows the server", async () => {
  await admin.query("select pg_drop_replication_slot('follower')");
  await withClient(server.url("postgres", "mover", "mover"), { purpose: "testing", readOnly: true }, async (client) => {
    assert.match(
      (await missingMonitoringPrivileges(client, "it")) ?? "",
      /^this role cannot see the archive backlog, so it/,
    );
  });
});
