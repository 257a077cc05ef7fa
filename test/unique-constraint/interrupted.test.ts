import assert from "node:assert/strict";
import { test } from "node:test";
import { sqlstateOf } from "../../components/postgres/errors";
import { build, startBuild, stateOf } from "./broken-builds";
import { eventually } from "../support/eventually";
import {
  builderIn,
  constraintName,
  done,
  make,
  oidOf,
  oldSnapshot,
  onEachMajor,
  uniqueIndexes,
  vault,
} from "./support";

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
