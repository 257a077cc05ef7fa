import assert from "node:assert/strict";
import { test } from "node:test";
import { statusOf } from "../../components/key-transfer/summary";
import type { BatchPlan } from "../../components/batches/batch-plan";
import { type BatchResult, prepareBatches, runBatch } from "../../components/key-transfer/sql/batch";
import { walletStateSql } from "../../components/key-transfer/wallet-state";
import { openSession } from "../../components/postgres/connection";
import { schemaFacts, wallets } from "../../fixtures/wallets";
import { transfer, withConstraint } from "../../testing/transfer";
import { type Database, testedMajors, withDatabase } from "../support/database";

/** All in the table's first block. */
const keys = 12;
const load = ["wallet-system", ["waiting", keys]] as const;

/** Notes for each vault row the transaction that wrote it, and for the wallets that `refused` names every try. */
const noting = (refused: string, slow = ""): string => `
  create table written (xid xid8);
  create sequence tries;
  create function note() returns trigger language plpgsql as $$ begin
    ${slow}
    if new.credential_id in (select id from public.project_credentials where ${refused}) then
      perform nextval('public.tries'); raise 'no'; end if;
    insert into public.written values (pg_current_xact_id()); return new; end $$;
  create trigger note before insert on credential_vault_storage for each row execute function note();`;

const stateSql = walletStateSql(wallets, schemaFacts);

/** Runs one batch over the first block, and returns what each transaction did. */
async function runBlock(database: Database, plan: Partial<BatchPlan>): Promise<BatchResult[]> {
  const client = await openSession(database.url, { purpose: "moving keys" });
  const session = await prepareBatches(client, wallets, stateSql);
  const results: BatchResult[] = [];
  const all = { range: { from: 0, to: 1 }, lane: 0, lanes: 1, waitForLocks: false, ...plan };
  await runBatch(session, wallets, stateSql, all, (result) => results.push(result));
  await client.end();
  return results;
}

/** Vault rows of each transaction that wrote any, the most first. */
const perTransaction = async ({ query }: Database): Promise<number[]> =>
  (await query<{ n: number }>("select count(*)::int as n from written group by xid order by 1 desc")).map(({ n }) => n);

for (const major of testedMajors) {
  test(`one wallet is refused, and triggers are slow: no transaction begins a wallet after its time (PostgreSQL ${major})`, async () => {
    const refused = "key_vault_id in ('kv-1', 'kv-7')";
    // Their flags are taken back, which puts the wallets in another place of the block.
    const sql = `${withConstraint}; ${noting(refused, "perform pg_sleep(0.02);")}
      update project_credentials set vault_stored = true where ${refused};`;
    await withDatabase({ major, load, sql }, async (database) => {
      const results = await runBlock(database, { mostMs: 10 });
      assert.deepEqual(await perTransaction(database), Array(keys - 2).fill(1));
      assert.equal(results.length, keys);
      assert.equal(
        results.reduce((sum, result) => sum + result.transferred, 0),
        keys - 2,
      );
      assert.deepEqual(results.map((result) => result.refusals.length).toSorted(), [...Array(keys - 2).fill(0), 1, 1]);
      // One try of all together, which ends at the first of the two, and one try of each.
      assert.deepEqual(await database.query("select last_value::int as n from tries"), [{ n: 3 }]);
      const flagged = "select key_vault_id from project_credentials where vault_stored is not true order by 1";
      assert.deepEqual(await database.query(flagged), [{ key_vault_id: "kv-1" }, { key_vault_id: "kv-7" }]);
    });
  });

  test(`where there is time, one transaction does all wallets of a block one by one (PostgreSQL ${major})`, async () => {
    const sql = `${withConstraint}; ${noting("key_vault_id = 'kv-1'")}`;
    await withDatabase({ major, load, sql }, async (database) => {
      const results = await runBlock(database, { mostMs: 3_600_000 });
      assert.deepEqual(await perTransaction(database), [keys - 1]);
      assert.equal(results.length, 1);
    });
  });

  test(`a block with more wallets than a transaction may lock is moved in several (PostgreSQL ${major})`, async () => {
    const sql = `${withConstraint}; ${noting("false")}`;
    await withDatabase({ major, load, sql }, async (database) => {
      await runBlock(database, { most: 3 });
      const written = await perTransaction(database);
      assert.ok(written[0] !== undefined && written[0] <= 3, written.join());
      assert.equal(
        written.reduce((sum, n) => sum + n, 0),
        keys,
      );
    });
  });
}

test("wallets that wait for their turn keep their ids, whatever stands in them", async () => {
  const ids = [String.raw`a\b`, 'a"b', "a,b}", "NULL", "a\nb", " a ", "a'b", "ä\u{1f511}"];
  const tables = `
    drop table credential_vault_storage, project_credentials;
    create table project_credentials (id text primary key, project_id uuid, credential_type text, network text,
      wallet_address text, key_vault_id text, vault_stored boolean, vault_backup_date timestamptz, metadata jsonb);
    create table credential_vault_storage (credential_id text not null unique, vault_id text not null unique,
      encrypted_private_key text not null, revoked_at timestamptz, access_level text);
    ${noting("key_vault_id = 'refused'", "perform pg_sleep(0.002);")}`;
  await withDatabase({ load: ["wallet-system"], sql: tables }, async (database) => {
    await database.query(
      `insert into project_credentials (id, key_vault_id, metadata)
       select id, case n when 1 then 'refused' end, '{"private_key_encrypted": "k"}' from unnest($1::text[]) with ordinality i (id, n)`,
      [["first", ...ids]],
    );
    const results = await runBlock(database, { mostMs: 1 });
    assert.equal(results.length, ids.length + 1);
    const moved = await database.query<{ id: string }>("select credential_id as id from credential_vault_storage");
    assert.deepEqual(moved.map(({ id }) => id).toSorted(), ids.toSorted());
  });
});

test("a run over slow triggers, some of them refusing, ends as a run over fast ones does", async () => {
  const sql = `${withConstraint}; ${noting("key_vault_id in ('kv-1', 'kv-7')", "perform pg_sleep(0.01);")}`;
  await withDatabase({ load, sql }, async (database) => {
    const { found, lastRun } = await transfer(database.url, { limits: { batchTargetMs: 10 } });
    assert.deepEqual([statusOf(found.counts), lastRun.transferred, lastRun.refused], ["incomplete", keys - 2, 2]);
  });
});
