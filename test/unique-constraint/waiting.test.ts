import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { withDatabase } from "../support/database";
import { eventually } from "../support/eventually";
import {
  builderIn,
  constraintName,
  done,
  make,
  oidOf,
  oldSnapshot,
  onEachMajor,
  previewFailure,
  uniqueIndexes,
  untouched,
  upsertWorks,
  vault,
} from "./support";

onEachMajor(
  test,
  "a build waits for an older snapshot, names its session, and ends when that ends",
  async (database) => {
    const old = await oldSnapshot(database, "a long report");
    const lines: string[] = [];
    const making = make(database, {}, lines);
    const said = await eventually("the run names the session", () =>
      lines.find((line) => line.includes(`pid ${old.pid}`)),
    );
    assert.match(
      said,
      /building index .*waiting for old snapshots, waiting for pid \d+ \(a long report, idle in transaction, for \d+ s\)/,
    );
    await old.end();
    assert.equal((await making).origin, "created");
    assert.deepEqual(await uniqueIndexes(database), done);
  },
);

onEachMajor(test, "while a build waits, everybody reads and writes", async (database) => {
  const old = await oldSnapshot(database, "a long report");
  const making = make(database);
  await builderIn(database, "waiting for old snapshots");
  await database.query("set lock_timeout = '1s'");
  await database.query(`update ${vault} set vault_id = vault_id; select from ${vault}`);
  await old.end();
  await making;
});

onEachMajor(
  test,
  "a build that is not done in time is ended, names whom it waited for, and leaves nothing",
  async (database) => {
    const old = await oldSnapshot(database, "a long report");
    await assert.rejects(make(database, { indexDeadlineMinutes: 3 / 60 }), (error: Error & { code?: string }) => {
      assert.equal(error.code, "ERR_LOCK_DEADLINE");
      assert.match(
        error.message,
        new RegExp(`not done within .* waiting for pid ${old.pid} \\(a long report, idle in transaction`),
      );
      return true;
    });
    assert.deepEqual(await uniqueIndexes(database), untouched);
    await old.end();
    assert.equal((await make(database)).origin, "created");
  },
);

onEachMajor(
  test,
  "the attach gives way to a long reader, others read on, and it ends when the reader ends",
  async (database) => {
    await database.query(`create unique index ready_made on ${vault} (credential_id)`);
    const reader = await database.session();
    await reader.query(`begin; select from ${vault}`);
    const { rows } = await reader.query<{ pid: number }>("select pg_backend_pid() as pid");
    const lines: string[] = [];
    const making = make(database, { lockTimeoutMs: 100 }, lines);
    for (const round of [1, 2, 3]) {
      await eventually(`${round} times it said whom it waits for`, () => (lines.length >= round ? true : undefined));
      assert.match(lines.at(-1) ?? "", new RegExp(`adding constraint .*: waiting for pid ${rows[0]?.pid} `));
      // Would time out if the attach stayed in the queue before it.
      await database.query(`set lock_timeout = '2s'; select from ${vault}`);
    }
    await reader.query("rollback");
    assert.equal((await making).origin, "promoted");
    assert.deepEqual(await uniqueIndexes(database), done);
  },
);

onEachMajor(
  test,
  "an attach that gets no lock in time changes nothing, and the next run takes up from there",
  async (database) => {
    const reader = await database.session();
    await reader.query(`begin; select from ${vault}`);
    await assert.rejects(make(database, { lockTimeoutMs: 50, lockDeadlineMinutes: 0.01 }), {
      code: "ERR_LOCK_DEADLINE",
    });
    assert.deepEqual(await uniqueIndexes(database), [`${constraintName} valid bare`, ...untouched]);
    assert.equal(await upsertWorks(database), "1 row");
    await reader.query("rollback");
    assert.equal((await make(database)).origin, "promoted");
  },
);

onEachMajor(test, "a table that somebody locks is waited for outside of the queue", async (database) => {
  const locker = await database.session();
  await locker.query(`set application_name = 'a migration'; begin; lock table ${vault} in share mode`);
  const lines: string[] = [];
  const making = make(database, {}, lines);
  await eventually("it says so", () => lines.find((line) => /waiting for other work .*a migration/.test(line)));
  assert.deepEqual(await database.query("select from pg_locks where not granted"), []);
  await locker.query("rollback");
  assert.equal((await making).origin, "created");
});

onEachMajor(
  test,
  "a preview goes through while a build waits, and takes no lock that others wait for",
  async (database) => {
    const old = await oldSnapshot(database, "a long report");
    const making = make(database);
    await builderIn(database, "waiting for old snapshots");
    assert.equal(await previewFailure(database), undefined);
    await old.end();
    assert.equal((await making).origin, "created");
  },
);

onEachMajor(test, "the proof and the preview give way to a table lock, and say for whom", async (database) => {
  const limits = { lockTimeoutMs: 50, lockDeadlineMinutes: 0.01 };
  const locker = await database.session();
  const lock = `set application_name = 'a migration'; begin; lock table ${vault} in access exclusive mode`;
  await locker.query(lock);
  assert.match(
    (await previewFailure(database, limits)) ?? "",
    /looking for duplicates .*waiting for pid \d+ \(a migration, .*ERR_LOCK_DEADLINE/,
  );
  await locker.query("rollback");
  await make(database);
  await locker.query(lock);
  await assert.rejects(make(database, limits), {
    code: "ERR_LOCK_DEADLINE",
    message: /asking which index .*waiting for pid \d+ \(a migration, /,
  });
  assert.deepEqual(await database.query("select from pg_locks where not granted"), []);
  await locker.query("rollback");
  assert.equal((await make(database)).origin, "adopted");
});

onEachMajor(
  test,
  "sessions of another database are not named, though its table has the same oid",
  async (database, major) => {
    await withDatabase({ major }, async (other) => {
      assert.equal(await oidOf(other, vault), await oidOf(database, vault));
      const elsewhere = await other.session();
      await elsewhere.query(`set application_name = 'elsewhere'; begin; lock table ${vault} in access exclusive mode`);
      const locker = await database.session();
      await locker.query(`set application_name = 'here'; begin; lock table ${vault} in access exclusive mode`);
      const reason = (await previewFailure(database, { lockTimeoutMs: 50, lockDeadlineMinutes: 0.001 })) ?? "";
      assert.match(reason, /waiting for pid \d+ \(here, [^;]*\.\s/);
      assert.doesNotMatch(reason, /elsewhere/);
    });
  },
);

onEachMajor(test, "one deadline holds for all waits together", async (database) => {
  const [old, locker] = [await oldSnapshot(database, "a long report"), await database.session()];
  await locker.query(`begin; lock table ${vault} in share mode`);
  const began = Date.now();
  const making = make(database, { indexDeadlineMinutes: 5 / 60 });
  making.catch(() => undefined);
  await eventually("most of the time is spent on the first wait", () =>
    Date.now() - began > 4_000 ? true : undefined,
  );
  await locker.query("rollback");
  await assert.rejects(making, { code: "ERR_LOCK_DEADLINE", message: /building index .*a long report/ });
  assert.ok(Date.now() - began < 9_000, "the second wait had no time of its own");
  await old.end();
});

onEachMajor(test, "a clock that is set while somebody waits ends no wait, and makes none longer", async (database) => {
  const [old, locker] = [await oldSnapshot(database, "a long report"), await database.session()];
  await locker.query(`begin; lock table ${vault} in share mode`);
  const lines: string[] = [];
  const making = make(database, {}, lines);
  making.catch(() => undefined);
  const clock = mock.method(Date, "now", () => 8e15);
  try {
    await eventually("it waits for the lock", () => lines.find((line) => line.includes("waiting for other work")));
    await locker.query("rollback");
    await eventually("it waits for the report", () => lines.find((line) => line.includes("a long report")));
    clock.mock.mockImplementation(() => 0);
    await old.end();
    assert.equal((await making).origin, "created");
  } finally {
    clock.mock.restore();
  }
});
