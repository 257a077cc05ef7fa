import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client } from "pg";
import { fixture } from "../../fixtures/fixtures";
import { PostgresServer } from "../../testing/postgres-server";
import { eventually } from "../support/eventually";
import { pausedTransfer } from "../support/paused";
import { withConstraint } from "../../testing/transfer";

let primary: PostgresServer;
let standby: PostgresServer;
let onPrimary: Client;
let onStandby: Client;

before(async () => {
  primary = await PostgresServer.start({ settings: { fsync: "off" } });
  await primary.stop();
  // It reports how far it is every second instead of every ten.
  standby = await PostgresServer.start({
    standbyOf: primary,
    settings: { fsync: "off", wal_receiver_status_interval: "1s", wal_retrieve_retry_interval: "100ms" },
  });
  await primary.restart();
  onPrimary = await connected(primary);
  onStandby = await connected(standby);
  await onPrimary.query(fixture("wallet-system"));
  await onPrimary.query(fixture("waiting", 2000));
  await onPrimary.query(withConstraint);
});

after(async () => {
  await onStandby?.end();
  await onPrimary?.end();
  await standby?.remove();
  await primary.remove();
});

async function connected(server: PostgresServer): Promise<Client> {
  const client = new Client({ connectionString: server.url() });
  await client.connect();
  return client;
}

async function one<T>(client: Client, sql: string): Promise<T | undefined> {
  return (await client.query<{ value: T }>(sql)).rows[0]?.value;
}

test("a transfer pauses while a standby is behind, says so, and ends once it has caught up", async () => {
  await eventually("the standby has all wallets", () =>
    one<true>(onStandby, "select true as value from project_credentials having count(*) = 2000").catch(() => undefined),
  );
  await onStandby.query("select pg_wal_replay_pause()");
  await onPrimary.query("create table noise ()");
  await eventually("the standby is more than a second behind", () =>
    one<true>(onPrimary, "select true as value from pg_stat_replication where replay_lag > '1.5 s'"),
  );
  const { found, said } = await pausedTransfer(primary.url(), onPrimary, { maxReplicationLagSeconds: 1 }, () =>
    onStandby.query("select pg_wal_replay_resume()"),
  );
  assert.match(said ?? "", /^pausing: a standby is \d+ s behind \(limit 1 s\)$/);
  assert.equal(found.counts.states.stored, 2000);
  await eventually("the standby has all keys", () =>
    one<true>(onStandby, "select true as value from credential_vault_storage having count(*) = 2000"),
  );
});
