import assert from "node:assert/strict";
import { test } from "node:test";
import * as operations from "../../components/key-transfer/operations";
import { TransferJob } from "../../components/key-transfer/transfer-job";
import type { KeyTransferInputs } from "../../components/key-transfer/args";
import { walletStateSql } from "../../components/key-transfer/wallet-state";
import { takeSurvey } from "../../components/key-transfer/survey";
import { BatchRun } from "../../components/batches/batch-run";
import { BatchWorker } from "../../components/batches/worker";
import { type Content, type Database, testedMajors, withDatabase } from "../support/database";
import { eventually } from "../support/eventually";
import { surveyOf } from "../support/surveys";
import { limits, schemaFacts, wallets } from "../../fixtures/wallets";
import { settingsFor, transfer, withConstraint } from "../../testing/transfer";

const load: Content["load"] = ["wallet-system", ["waiting", 40]];

/** What applications' migrations do while they keep every reader out. All rows are younger than a snapshot from before. */
const rewrites: readonly (readonly [what: string, sql: string])[] = [
  [
    "a rewriting ALTER TABLE of the wallets",
    "alter table project_credentials alter wallet_address type varchar(300), add seen text default clock_timestamp()::text",
  ],
  [
    "a rewriting ALTER TABLE of the vault",
    "alter table credential_vault_storage add seen text default clock_timestamp()::text",
  ],
  [
    "TRUNCATE and reload of both tables",
    `create temporary table c as table project_credentials; create temporary table v as table credential_vault_storage;
     truncate project_credentials, credential_vault_storage;
     insert into project_credentials select * from c; insert into credential_vault_storage select * from v`,
  ],
];

/** A session of ours that waits for a table. */
const waiting = `select from pg_stat_activity a where a.datname = current_database() and a.wait_event_type = 'Lock'
   and a.application_name like 'wallet-vault: %'`;

/** Runs `look`, keeps it out with `rewrite` once it comes, and lets it in when it has had to wait. */
async function behind<T>(database: Database, rewrite: string, look: () => Promise<T>): Promise<T> {
  const application = await database.session();
  await application.query(`begin; lock table project_credentials, credential_vault_storage; ${rewrite}`);
  const looking = look();
  await eventually("it waits for the lock", async () => (await database.query(waiting))[0], looking);
  await application.query("commit");
  return looking;
}

type Saved = KeyTransferInputs & operations.KeyTransferOutputs;

for (const major of testedMajors)
  for (const [what, rewrite] of rewrites)
    test(`${what} in the way changes nothing of what is counted (PostgreSQL ${major})`, () =>
      withDatabase({ major, load, sql: withConstraint }, async (database) => {
        operations.configure(database.url);
        const { id, outs } = await operations.create(settingsFor(await surveyOf(database.url)));
        const saved = JSON.parse(JSON.stringify(outs)) as Saved;
        assert.deepEqual([saved.status, saved.receipt.credentials, saved.receipt.verified], ["complete", 40, 40]);

        const refreshed = (await behind(database, rewrite, () => operations.read(id, saved))).props as Saved;
        assert.deepEqual([refreshed.status, refreshed.summary], ["complete", saved.summary]);
        const lines: string[] = [];
        const { survey } = await behind(database, "select 1", () =>
          takeSurvey(database.url, wallets, limits, (line) => lines.push(line)),
        );
        assert.equal(survey.credentials, 40);
      }));

test("a session that keeps the tables locked is named, and past the deadline the look ends with an error", () =>
  withDatabase({ load, sql: withConstraint }, async (database) => {
    const application = await database.session();
    await application.query(
      "set application_name = 'migration of the application'; begin; lock table project_credentials",
    );
    const { rows } = await application.query<{ pid: number }>("select pg_backend_pid() as pid");
    const lines: string[] = [];
    const short = { ...limits, lockTimeoutMs: 10, lockDeadlineMinutes: 0.002 };
    await assert.rejects(
      takeSurvey(database.url, wallets, short, (line) => lines.push(line)),
      (error: Error & { code?: string }) =>
        error.code === "ERR_LOCK_DEADLINE" &&
        error.message.includes(`pid ${rows[0]?.pid} (migration of the application, idle in transaction`),
    );
    assert.match(lines[0] ?? "", new RegExp(`^surveying the wallets: waiting for pid ${rows[0]?.pid} `));
    await assert.rejects(
      takeSurvey(database.url, wallets, { ...limits, lockTimeoutMs: 10, maxMinutes: 0.002 }, () => undefined),
      { code: "ERR_LOCK_DEADLINE" },
      "maxMinutes bounds it, too",
    );
  }));

test("a run that ends with fewer wallets than it began with says so and is incomplete, and the next one is complete", () =>
  withDatabase({ load, sql: withConstraint }, async (database) => {
    operations.configure(database.url);
    const begun = await surveyOf(database.url);
    await database.query("delete from project_credentials where key_vault_id in ('kv-1', 'kv-2', 'kv-3')");
    const { id, outs } = await operations.create(settingsFor(begun));
    const { status, receipt, summary } = outs as Saved;
    assert.deepEqual([status, receipt.status, summary.states.stored], ["incomplete", "incomplete", 37]);
    assert.equal(receipt.reason, "3 wallets fewer than when the run began.");
    const next = settingsFor(await surveyOf(database.url));
    assert.equal((await operations.diff(id, outs as Saved, next)).changes, true);
    const done = (await operations.update(id, outs as Saved, next)).outs as Saved;
    assert.deepEqual([done.status, "reason" in done.receipt], ["complete", false]);
  }));

test("a role that may read single columns of the vault only can count all the same", () =>
  withDatabase({ load, sql: withConstraint }, async (database) => {
    const role = `columns_${database.name}`;
    await database.query(`create role ${role} login bypassrls password 'x';
      grant select, update on project_credentials to ${role};
      grant select (credential_id, vault_id, encrypted_private_key, access_level, revoked_at), select (ctid),
            insert, update on credential_vault_storage to ${role}`);
    const url = new URL(database.url);
    [url.username, url.password] = [role, "x"];
    const { found } = await transfer(url.toString());
    assert.equal(found.counts.states.stored, 40);
    await database.query(`drop owned by ${role}; drop role ${role}`);
  }));

for (const maxMinutes of [0, 0.01])
  test(`tables that are locked before the first batch are waited for, and given up at the end (maxMinutes ${maxMinutes})`, () =>
    withDatabase({ load, sql: withConstraint }, async (database) => {
      const application = await database.session();
      await application.query("begin; lock table project_credentials, credential_vault_storage");
      const [first] = (await application.query<{ pid: number }>("select pg_backend_pid() as pid")).rows;
      const lines: string[] = [];
      const run = new BatchRun(
        database.url,
        new TransferJob(wallets, walletStateSql(wallets, schemaFacts), 40),
        { ...limits, lockTimeoutMs: 20, lockDeadlineMinutes: maxMinutes > 0 ? 10 : 0.01, maxMinutes },
        (line) => lines.push(line),
      );
      const worker = new BatchWorker(run);
      const batch = { range: { from: 0, to: 9 }, lane: 0, lanes: 1 };
      // What a pass does: batch after batch until there is a reason to end.
      for (const waitForLocks of [false, true])
        while (run.whyEnding() === undefined) {
          await worker.run({ ...batch, waitForLocks });
          if (waitForLocks) break;
        }
      await worker.end();
      await run.end();
      assert.match(
        run.whyEnding() ?? "",
        maxMinutes > 0 ? /its time/ : new RegExp(`pid ${first?.pid} .* has locked the tables`),
      );
      assert.ok(
        lines.some((line) => line.includes(`pausing: pid ${first?.pid} `)),
        lines.join("\n"),
      );
      await application.query("commit");
      const { found } = await transfer(database.url);
      assert.equal(found.counts.states.stored, 40);
    }));

test("a worker that opens its session while a table is locked tries again", () =>
  withDatabase({ load, sql: withConstraint }, async (database) => {
    const application = await database.session();
    await application.query("begin; lock table project_credentials");
    const run = new BatchRun(
      database.url,
      new TransferJob(wallets, walletStateSql(wallets, schemaFacts), 40),
      { ...limits, lockTimeoutMs: 20 },
      () => undefined,
    );
    // The server is looked at once in two seconds; here the lock comes right after.
    run.untilHealthy = async () => undefined;
    const worker = new BatchWorker(run);
    const working = worker.run({ range: { from: 0, to: 9 }, lane: 0, lanes: 1, waitForLocks: true });
    await eventually("it has tried in vain", () => run.job.totals.retries > 1 || undefined, working);
    await application.query("commit");
    await working;
    await worker.end();
    await run.end();
    assert.equal(run.job.totals.transferred, 40);
  }));
