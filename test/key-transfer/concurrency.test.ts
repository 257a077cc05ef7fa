import assert from "node:assert/strict";
import { test } from "node:test";
import { attentionOf } from "../../components/key-transfer/attention";
import { statusOf } from "../../components/key-transfer/summary";
import { type Database, testedMajors, withDatabase } from "../support/database";
import { auditTriggers, rules } from "../support/audit-triggers";
import { eventually } from "../support/eventually";
import { transfer, withConstraint } from "../../testing/transfer";

const load = ["wallet-system", ["waiting", 300]] as const;

/** What a writer does to a random wallet, each in one transaction; `$1` makes its keys its own. */
const writerActions: readonly string[] = [
  // A new wallet with its key in metadata.
  `with made as (insert into project_credentials (project_id, credential_type, metadata)
     values (gen_random_uuid(), 'ethereum_wallet', jsonb_build_object('private_key_encrypted', 'new-' || $1::text)) returning id)
   insert into journal select id, 'new-' || $1::text from made`,
  // A new key for a wallet.
  `with chosen as (select id from project_credentials order by md5(id::text || $1::text) limit 1),
     changed as (update project_credentials c set metadata = jsonb_build_object('private_key_encrypted', 'again-' || $1::text)
       from chosen where c.id = chosen.id returning c.id)
   insert into journal select id, 'again-' || $1::text from changed on conflict (credential_id) do update set key = excluded.key`,
  // A wallet is deleted, and its vault row with it.
  `with gone as (delete from project_credentials where id = (select id from project_credentials order by md5(id::text || $1::text) limit 1)
     returning id)
   delete from journal where credential_id in (select id from gone)`,
  // The application itself stores a key: its own, or for a vault row that waits.
  `insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
   select id, 'app-' || $1::text, coalesce(metadata ->> 'private_key_encrypted', 'app-' || $1::text) from project_credentials
    order by md5(id::text || $1::text) limit 1 on conflict (credential_id) do nothing`,
  // A row that waits for its key.
  `insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
   select id, 'empty-' || $1::text, case when length($1::text) % 2 = 0 then '' else 'MIGRATION_REQUIRED' end from project_credentials
    order by md5(id::text || $1::text) limit 1 on conflict (credential_id) do nothing`,
  `update credential_vault_storage v set encrypted_private_key = 'filled-' || $1::text
    where id = (select id from credential_vault_storage where encrypted_private_key in ('', 'MIGRATION_REQUIRED') limit 1)
      and encrypted_private_key in ('', 'MIGRATION_REQUIRED')`,
];

/** Statements of writers may deadlock with one another, and a row may be gone: what counts is what was committed. */
const passing = new Set(["40P01", "23503", "23505", "40001"]);

async function write(database: Database, writer: number, times: number): Promise<void> {
  const session = await database.session();
  for (let n = 0; n < times; n += 1) {
    const deed = writerActions[(n * 7 + writer) % writerActions.length] as string;
    await session.query(deed, [`${writer}-${n}`]).catch((error: unknown) => {
      if (!passing.has(String((error as { code?: unknown }).code))) throw error;
    });
  }
}

for (const major of testedMajors) {
  test(`writers and transfers side by side lose, invent and overwrite no key (PostgreSQL ${major})`, async () => {
    const sql = `${withConstraint}; create table journal (credential_id uuid primary key, key text); ${auditTriggers}`;
    await withDatabase({ major, load, sql }, async (database) => {
      const writing = new Set([1, 2, 3, 4]);
      const writers = Promise.all(
        [...writing].map((writer) => write(database, writer, 120).finally(() => writing.delete(writer))),
      );
      const transfers = async () => {
        while (writing.size > 0) await transfer(database.url);
      };
      await Promise.all([writers, transfers(), transfers()]);
      const { found } = await transfer(database.url);
      assert.equal(found.counts.states.pending + found.counts.flagsWrong, 0);
      for (const [rule, sqlOfRule] of Object.entries(rules))
        assert.deepEqual(await database.query(sqlOfRule), [], rule);
      const [moved] = await database.query<{ n: number }>(
        "select count(*)::int as n from vault_change where by_transfer",
      );
      assert.ok((moved?.n ?? 0) > 0, "the transfers had something to do");
    });
  });
}

/** Resolves once the run has reported a line that matches. */
const line = (lines: readonly string[], pattern: RegExp, run: Promise<unknown>): Promise<string> =>
  eventually(`a line ${pattern}`, () => lines.find((one) => pattern.test(one)), run);

const lockOne = "select id from project_credentials where key_vault_id = 'kv-7' for update";

test("a wallet that another session has locked comes last, and the session is named", async () => {
  await withDatabase({ load, sql: withConstraint }, async (database) => {
    const other = await database.session();
    await other.query(`begin; ${lockOne}`);
    const { rows } = await other.query<{ pid: number }>("select pg_backend_pid() as pid");
    const lines: string[] = [];
    const running = transfer(database.url, { limits: { lockTimeoutMs: 50 }, report: (text) => lines.push(text) });
    const told = await line(lines, /^rows are locked; waiting for pid/, running);
    const [others] = await database.query<{ n: number }>("select count(*)::int as n from credential_vault_storage");
    assert.equal(others?.n, 299);
    assert.ok(told.includes(`pid ${rows[0]?.pid} `));
    await other.query("commit");
    const { found, lastRun } = await running;
    assert.equal(statusOf(found.counts), "complete");
    assert.equal(lastRun.transferred, 300);
    assert.ok(lastRun.retries > 0);
  });
});

test("a wallet that stays locked past the deadline is left pending without an error", async () => {
  await withDatabase({ load, sql: withConstraint }, async (database) => {
    const other = await database.session();
    await other.query(`begin; ${lockOne}`);
    const { rows } = await other.query<{ pid: number; id: string }>(
      "select pg_backend_pid() as pid, id::text from project_credentials where key_vault_id = 'kv-7'",
    );
    const result = await transfer(database.url, { limits: { lockTimeoutMs: 20, lockDeadlineMinutes: 0.005 } });
    const { found, lastRun } = result;
    assert.equal(statusOf(found.counts), "incomplete");
    assert.deepEqual([found.counts.states.pending, lastRun.transferred, lastRun.refused], [1, 299, 0]);
    const [entry, ...others] = attentionOf(found, result);
    assert.deepEqual([entry?.credentialId, entry?.state, others], [rows[0]?.id, "pending", []]);
    assert.match(entry?.advice ?? "", new RegExp(`another session had it locked: pid ${rows[0]?.pid} `));
    assert.ok(lastRun.retries > 0);
  });
});

test("where every wallet is locked the deadline counts once, not for every batch", async () => {
  await withDatabase({ load: ["wallet-system", ["waiting", 600]], sql: withConstraint }, async (database) => {
    const other = await database.session();
    await other.query("begin; select from project_credentials for update");
    const { found, lastRun } = await transfer(database.url, {
      limits: { lockTimeoutMs: 20, lockDeadlineMinutes: 0.005 },
    });
    assert.deepEqual([found.counts.states.pending, found.counts.states.stored], [600, 0]);
    const [table] = await database.query<{ blocks: number }>(
      "select (pg_relation_size('project_credentials') / 8192)::int as blocks",
    );
    // Two sessions that wait 20 ms and more at a time: a few dozen tries at the most, however many batches there are.
    assert.ok(lastRun.retries < (table?.blocks ?? 0), `${lastRun.retries} tries for ${table?.blocks} blocks`);
  });
});

test("a vault row that another session is filling is waited for and not overwritten", async () => {
  const empty = `${withConstraint}; insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
    select id, 'mine', '' from project_credentials where key_vault_id = 'kv-7'`;
  await withDatabase({ load, sql: empty }, async (database) => {
    const other = await database.session();
    await other.query("begin; update credential_vault_storage set encrypted_private_key = 'from the application'");
    const { found } = await transfer(database.url, { limits: { lockTimeoutMs: 20, lockDeadlineMinutes: 0.005 } });
    assert.deepEqual(
      [found.counts.states.pending, found.counts.states.stored],
      [1, 299],
      "the others do not wait for it",
    );
    await other.query("commit");
    const after = await transfer(database.url);
    assert.deepEqual([after.found.counts.states.conflict, after.found.counts.states.pending], [1, 0]);
    const [row] = await database.query(
      "select encrypted_private_key as key from credential_vault_storage where vault_id = 'mine'",
    );
    assert.deepEqual(row, { key: "from the application" });
  });
});

test("a vault row that another session is inserting keeps no other wallet back", async () => {
  await withDatabase({ load, sql: withConstraint }, async (database) => {
    const other = await database.session();
    await other.query(`begin; insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
      select id, 'theirs', 'from the application' from project_credentials where key_vault_id = 'kv-7'`);
    const { found, refusals } = await transfer(database.url, {
      limits: { lockTimeoutMs: 20, lockDeadlineMinutes: 0.005 },
    });
    assert.deepEqual([found.counts.states.pending, found.counts.states.stored], [1, 299]);
    assert.deepEqual(
      refusals.map(({ cause }) => cause),
      ["locked"],
    );
    await other.query("rollback");
    const after = await transfer(database.url);
    assert.equal(statusOf(after.found.counts), "complete");
  });
});

test("a key that arrives in mid-run is moved or counted as pending, and then the next run moves it", async () => {
  await withDatabase({ load, sql: withConstraint }, async (database) => {
    const other = await database.session();
    await other.query(`begin; ${lockOne}`);
    const lines: string[] = [];
    const running = transfer(database.url, { limits: { lockTimeoutMs: 50 }, report: (text) => lines.push(text) });
    await line(lines, /^rows are locked/, running);
    await database.query(`insert into project_credentials (project_id, credential_type, metadata)
      values (gen_random_uuid(), 'ethereum_wallet', '{"private_key_encrypted": "late"}')`);
    await other.query("commit");
    const { found } = await running;
    const late = async () =>
      (await database.query("select from credential_vault_storage where encrypted_private_key = 'late'")).length;
    assert.equal(found.counts.states.pending, 1 - (await late()));
    assert.equal(found.counts.credentials, 301);
    await transfer(database.url);
    assert.equal(await late(), 1);
  });
});

test("a worker's session that is ended in mid-run is replaced, and the run ends complete", async () => {
  await withDatabase({ load, sql: withConstraint }, async (database) => {
    const other = await database.session();
    await other.query(`begin; ${lockOne}`);
    const running = transfer(database.url, { limits: { lockTimeoutMs: 2_000 } });
    // It waits for the locked wallet: in the middle of a batch, for as long as the lock is held.
    const waiting = `select pid from pg_stat_activity where application_name like 'wallet-vault: moving keys%'
      and datname = current_database() and wait_event_type = 'Lock'`;
    const held = async () => {
      const found = await database.query<{ pid: number }>(waiting);
      return found.length > 0 ? found : undefined;
    };
    const pids = await eventually("a batch waits for the locked wallet", held, running);
    for (const { pid } of pids) await database.query("select pg_terminate_backend($1)", [pid]);
    await other.query("commit");
    const { found, lastRun } = await running;
    assert.equal(statusOf(found.counts), "complete");
    assert.deepEqual([found.counts.states.stored, lastRun.transferred], [300, 300]);
    assert.ok(lastRun.retries > 0);
  });
});
