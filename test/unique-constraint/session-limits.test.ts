import assert from "node:assert/strict";
import { test } from "node:test";
import { openSession } from "../../components/postgres/connection";
import type { Database } from "../support/database";
import { eventually } from "../support/eventually";
import { builderIn, done, make, oldSnapshot, onEachMajor, uniqueIndexes } from "./support";

/** Limits as a platform sets them for everybody, in milliseconds; each far below the time that a test gives it. */
const limits = { idle_session_timeout: 300, transaction_timeout: 300, statement_timeout: 300, lock_timeout: 300 };

async function limitSessions(database: Database, major: number): Promise<void> {
  for (const [name, ms] of Object.entries(limits))
    if (name !== "transaction_timeout" || major >= 17)
      await database.query(`alter database ${database.name} set ${name} = ${ms}`);
}

/** Resolves when the session has been in its state for far longer than the limits; rejects when it is gone. */
async function outlives(database: Database, pid: number, since: "state_change" | "xact_start"): Promise<void> {
  await eventually("the session lives on", async () => {
    const [row] = await database.query<{ long: boolean }>(
      `select clock_timestamp() - ${since} > interval '1 s' as long from pg_stat_activity where pid = $1`,
      [pid],
    );
    assert.ok(row !== undefined, "the server ended the session");
    return row.long || undefined;
  });
}

onEachMajor(test, "a database's limits on sessions and transactions end no index build", async (database, major) => {
  const old = await oldSnapshot(database, "a long report");
  await limitSessions(database, major);
  const making = make(database);
  making.catch(() => undefined);
  await outlives(database, await builderIn(database, "waiting for old snapshots"), "xact_start");
  await old.end();
  assert.equal((await making).origin, "created");
  assert.deepEqual(await uniqueIndexes(database), done);
});

onEachMajor(test, "a database's limits end no session that waits for its turn", async (database, major) => {
  await limitSessions(database, major);
  const client = await openSession(database.url, { purpose: "testing" });
  try {
    const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
    await outlives(database, rows[0]?.pid ?? 0, "state_change");
  } finally {
    await client.end();
  }
});
