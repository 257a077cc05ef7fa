import assert from "node:assert/strict";
import { test } from "node:test";
import type { Client } from "pg";
import { sqlstateOf } from "../../components/postgres/errors";
import type { Database } from "../support/database";
import {
  builderIn,
  constraintName,
  credential,
  done,
  eventually,
  make,
  oidOf,
  oldSnapshot,
  onEachMajor,
} from "./support";
import { someCredentials, uniqueIndexes, upsertWorks, vault } from "./support";

const build = (name: string) => `create unique index concurrently ${name} on ${vault} (credential_id)`;
const twoRows = `${someCredentials};
  insert into ${vault} (credential_id, vault_id, encrypted_private_key)
  select '${credential(1)}', 'v' || n, 'made up' from generate_series(1, 2) n`;

/** Starts a build as some other tool would, in a session that nobody listens to; resolves to its SQLSTATE or undefined. */
async function startBuild(
  database: Database,
  name: string,
): Promise<{ session: Client; ended: Promise<string | undefined> }> {
  const session = await database.session();
  const ended = session.query(build(name)).then(
    () => undefined,
    (error: unknown) => sqlstateOf(error) ?? "lost",
  );
  return { session, ended };
}

/** An INVALID index of the kind that a build leaves which was cancelled while it waited for an old snapshot. */
async function cancelledBuild(database: Database, name: string): Promise<void> {
  const old = await oldSnapshot(database, "an old report");
  const { ended } = await startBuild(database, name);
  const pid = await builderIn(database, "waiting for old snapshots");
  await database.query("select pg_cancel_backend($1)", [pid]);
  assert.equal(await ended, "57014");
  await old.end();
}

const stateOf = async (database: Database, name: string): Promise<unknown> =>
  (
    await database.query(
      `select indisvalid as valid, indisready as ready, indislive as live from pg_index where indexrelid = to_regclass('${name}')`,
    )
  )[0];

for (const name of [constraintName, "somebody_elses_try"]) {
  onEachMajor(test, `what a build left that failed on duplicates is replaced: ${name}`, async (database) => {
    await database.query(twoRows);
    assert.equal(await (await startBuild(database, name)).ended, "23505");
    assert.deepEqual(await stateOf(database, name), { valid: false, ready: false, live: true });
    await database.query(`delete from ${vault} where vault_id = 'v2'`);
    assert.equal(await upsertWorks(database), "42P10");
    assert.equal((await make(database)).origin, "repaired");
    assert.deepEqual(await uniqueIndexes(database), done);
    assert.equal(await upsertWorks(database), "1 row");
  });

  onEachMajor(test, `what a build left that was cancelled while it waited is replaced: ${name}`, async (database) => {
    await cancelledBuild(database, name);
    assert.deepEqual(await stateOf(database, name), { valid: false, ready: true, live: true });
    assert.equal(await upsertWorks(database), "42P10");
    assert.equal((await make(database)).origin, "repaired");
    assert.deepEqual(await uniqueIndexes(database), done);
    assert.equal(await upsertWorks(database), "1 row");
  });
}

onEachMajor(test, "several leftovers are all removed", async (database) => {
  await cancelledBuild(database, "first_try");
  await cancelledBuild(database, "second_try");
  assert.equal((await make(database)).origin, "repaired");
  assert.deepEqual(await uniqueIndexes(database), done);
});

onEachMajor(
  test,
  "a leftover that bears the name does not keep another index from becoming the constraint",
  async (database) => {
    await cancelledBuild(database, constraintName);
    await database.query(build("a_later_try"));
    const before = await oidOf(database, "a_later_try");
    assert.equal((await make(database)).origin, "promoted");
    assert.deepEqual(await uniqueIndexes(database), done);
    assert.equal(await oidOf(database, constraintName), before);
  },
);

onEachMajor(test, "an INVALID index on other columns is left alone", async (database) => {
  await database.query(
    `insert into project_credentials (project_id, credential_type) select gen_random_uuid(), 't' from generate_series(1, 2)`,
  );
  const session = await database.session();
  await assert.rejects(
    session.query("create unique index concurrently other on project_credentials (credential_type)"),
  );
  const outcome = await make(database, { table: "project_credentials", columns: ["id", "network"], name: "wanted" });
  assert.equal(outcome.origin, "created");
  assert.deepEqual(await stateOf(database, "other"), { valid: false, ready: false, live: true });
});

onEachMajor(test, "an INVALID index that a constraint stands on is rebuilt in place", async (database) => {
  await database.query(`alter table ${vault} add constraint old_name unique (credential_id)`);
  await database.query("update pg_index set indisvalid = false where indexrelid = 'old_name'::regclass");
  assert.equal(await upsertWorks(database), "42P10");
  const outcome = await make(database);
  assert.deepEqual([outcome.origin, outcome.name], ["repaired", "old_name"]);
  assert.deepEqual((await uniqueIndexes(database))[2], "old_name valid u");
  assert.equal(await upsertWorks(database), "1 row");
});

/** Whom a `drop index concurrently` waits for first, and whom in its second wait, by when they began to read. */
for (const [title, live] of [
  ["in its first wait", true],
  ["in its second wait", false],
] as const) {
  onEachMajor(test, `a drop that was interrupted ${title} is finished, and the index built anew`, async (database) => {
    await database.query(build(constraintName));
    const [early, late, dropping] = [await database.session(), await database.session(), await database.session()];
    await early.query(`begin; select from ${vault}`);
    const ended = dropping.query(`drop index concurrently ${constraintName}`).catch(sqlstateOf);
    const pid = await eventually("the drop waits for the early reader", async () => {
      const [row] = await database.query<{ pid: number }>(
        `select pid from pg_stat_activity where datname = current_database()
            and query like 'drop index concurrently%' and wait_event_type = 'Lock'`,
      );
      return row?.pid;
    });
    await late.query(`begin; select from ${vault}`);
    const is = { valid: false, ready: live, live };
    if (!live) await early.query("rollback");
    await eventually(`the index is ${JSON.stringify(is)}`, async () =>
      JSON.stringify(await stateOf(database, constraintName)) === JSON.stringify(is) ? true : undefined,
    );
    await database.query("select pg_cancel_backend($1)", [pid]);
    assert.equal(await ended, "57014");
    await early.query("rollback");
    await late.query("rollback");
    assert.equal((await make(database)).origin, "repaired");
    assert.deepEqual(await uniqueIndexes(database), done);
  });
}

onEachMajor(test, "a crash between build and attach costs nothing: the finished index is taken", async (database) => {
  await database.query(build(constraintName));
  const before = await oidOf(database, constraintName);
  assert.equal((await make(database)).origin, "promoted");
  assert.deepEqual(await uniqueIndexes(database), done);
  assert.equal(await oidOf(database, constraintName), before);
});

onEachMajor(
  test,
  "a build that goes on after its client died is waited for and taken, not built twice",
  async (database) => {
    const old = await oldSnapshot(database, "an old report");
    const { session, ended } = await startBuild(database, "orphan");
    const pid = await builderIn(database, "waiting for old snapshots");
    const before = await oidOf(database, "orphan");
    (session as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    assert.equal(await ended, "lost");

    const lines: string[] = [];
    const making = make(database, {}, lines);
    await eventually("the run says whom it waits for", () => lines.find((line) => line.includes(`pid ${pid}`)));
    await old.end();
    assert.equal((await making).origin, "promoted");
    assert.deepEqual(await uniqueIndexes(database), done);
    assert.equal(await oidOf(database, constraintName), before);
  },
);
