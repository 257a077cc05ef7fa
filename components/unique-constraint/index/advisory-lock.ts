import type { Table } from "../../postgres/catalog/table";
import type { Client } from "../../postgres/connection";
import { type Blocker, formatBlocker, sessionsOf } from "../../postgres/lock-retry";
import { backOff, pollUntil, throttled } from "../../postgres/retry";
import { sessionsBlockingBuild } from "./catalog";
import { type DeadlineContext, deadlineError } from "./statement-deadline";

/** First half of the advisory lock's key, so that it meets no other program's; the second is the table's oid. */
const namespace = 0x77_76_75_63;
const pollMs = 250;

/**
 * Lets only one run at a time work on a table's constraint. The lock belongs to the session that builds the index, so it
 * is held for as long as the server goes on building, also where the client is long dead.
 *
 * It is polled for. To wait in `pg_advisory_lock` would hold a snapshot, the build of the run that has the lock would
 * wait for that snapshot, and PostgreSQL would end one of the two as a deadlock.
 *
 * @throws WalletVaultError ERR_LOCK_DEADLINE
 */
export async function withAdvisoryLock<T>(run: DeadlineContext, table: Table, work: () => Promise<T>): Promise<T> {
  const { client } = run;
  await until(run, `waiting for another run on ${table.schema}.${table.name}`, async () =>
    (await tryLock(client, table.oid)) ? [] : lockHolder(client, table.oid),
  );
  try {
    return await work();
  } finally {
    await client.query("select pg_advisory_unlock($1, $2::oid::int4)", [namespace, table.oid]).catch(() => undefined);
  }
}

/**
 * Waits, outside of the lock queue, until no other session holds a lock that an index build would have to wait for: it
 * may be building the very index that is missing here.
 *
 * @returns true where somebody was waited for, so that the catalog may have changed
 * @throws WalletVaultError ERR_LOCK_DEADLINE
 */
export async function otherBuildsEnded(run: DeadlineContext, table: Table): Promise<boolean> {
  return until(run, `waiting for other work on ${table.schema}.${table.name}`, () =>
    sessionsBlockingBuild(run.client, table.oid),
  );
}

/** Polls until `inTheWay` is empty; tells whom it waits for; false where nobody ever was. */
async function until(
  run: DeadlineContext,
  what: string,
  inTheWay: () => Promise<readonly Blocker[]>,
): Promise<boolean> {
  const report = throttled(run.report);
  const tries = await pollUntil(backOff(pollMs, pollMs), async () => {
    const others = await inTheWay();
    if (others.length === 0) return true;
    const whom = others.map(formatBlocker).join("; ");
    if (performance.now() >= run.deadline) throw deadlineError(run, what, whom);
    report(what, `${what}: ${whom}`);
    return false;
  });
  return tries > 1;
}

async function tryLock(client: Client, table: number): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>("select pg_try_advisory_lock($1, $2::oid::int4) as got", [
    namespace,
    table,
  ]);
  return rows[0]?.got ?? false;
}

async function lockHolder(client: Client, table: number): Promise<readonly Blocker[]> {
  const { rows } = await client.query<{ pid: number }>(
    `select l.pid from pg_locks l
      where l.locktype = 'advisory' and l.granted and l.classid::int4 = $1 and l.objid = $2 and l.objsubid = 2
        and l.database = (select d.oid from pg_database d where d.datname = current_database())`,
    [namespace, table],
  );
  const [holder] = rows;
  // It let go between the two statements: somebody is in the way all the same, until we have tried again.
  if (holder === undefined) return [{ pid: 0, application: null, state: null, seconds: null }];
  const [seen] = await sessionsOf(client, [holder.pid]);
  return [seen ?? { pid: holder.pid, application: null, state: null, seconds: null }];
}
