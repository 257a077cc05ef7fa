import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client } from "pg";
import { fixture } from "../../fixtures/fixtures";
import { PostgresServer } from "../../tools/postgres-server";
import { eventually } from "../support/eventually";
import { transfer, withConstraint } from "../support/wallets";

let primary: PostgresServer;
let standby: PostgresServer;
let [onPrimary, onStandby]: Client[] = [];

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

async function one<T>(client: Client | undefined, sql: string): Promise<T | undefined> {
  const rows = (await client?.query<{ value: T }>(sql))?.rows ?? [];
  return rows[0]?.value;
}

test("a transfer pauses while a standby is behind, says so, and ends once it has caught up", async () => {
  await eventually("the standby has all wallets", () =>
    one<true>(onStandby, "select true as value from project_credentials having count(*) = 2000").catch(() => undefined),
  );
  await onStandby?.query("select pg_wal_replay_pause()");
  await onPrimary?.query("create table noise ()");
  await eventually("the standby is more than a second behind", () =>
    one<true>(onPrimary, "select true as value from pg_stat_replication where replay_lag > '1.5 s'"),
  );
  const lines: string[] = [];
  let mended: Promise<unknown> | undefined;
  const mend = async (): Promise<void> => {
    try {
      const moved = await one<number>(onPrimary, "select count(*)::int as value from credential_vault_storage");
      assert.equal(moved, 0, "no key moves while it pauses");
    } finally {
      // Also where the claim is wrong: the transfer would pause for ever.
      await onStandby?.query("select pg_wal_replay_resume()");
    }
  };
  const { found } = await transfer(primary.url(), {
    limits: { maxReplicationLagSeconds: 1 },
    report: (line) => {
      lines.push(line);
      mended ??= mend();
    },
  });
  await mended;
  assert.match(lines[0] ?? "", /^pausing: a standby is \d+ s behind \(limit 1 s\)$/);
  assert.equal(found.counts.states.stored, 2000);
  await eventually("the standby has all keys", () =>
    one<true>(onStandby, "select true as value from credential_vault_storage having count(*) = 2000"),
  );
});
