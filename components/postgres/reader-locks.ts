import { type Client, withTransaction } from "./connection";
import type { LockWait } from "./deadline";
import { sqlstateOf, WalletVaultError } from "./errors";
import { type Blocker, blockerColumns, howLong, howToEnd, waitingFor } from "./lock-retry";
import { backOff, retry, throttled } from "./retry";
import { lockNotAvailable } from "./sqlstate";

const firstPauseMs = 100;

/**
 * Runs `look` in a read-only transaction that holds the tables, so that nobody rewrites, empties or drops them meanwhile.
 *
 * A statement that begins to wait for a lock has its snapshot already. Where it waits behind a rewriting ALTER TABLE, it
 * finds the new table empty, for all its rows are younger than that snapshot (PostgreSQL manual, 13.6). Here the locks come
 * first, and READ COMMITTED gives every statement of `look` a snapshot that is younger than they are.
 *
 * @param tables quoted names
 * @param what the work, for the message: `counting the wallets`
 * @throws WalletVaultError ERR_LOCK_DEADLINE
 */
export async function withReaderLocks<T>(
  client: Client,
  tables: readonly string[],
  what: string,
  lockWait: LockWait,
  look: () => Promise<T>,
): Promise<T> {
  const report = throttled(lockWait.report);
  const locked = (): Promise<T> =>
    withTransaction(client, "read only", async () => {
      await lockForReading(client, tables, lockWait.lockTimeoutMs);
      return await look();
    });
  return retry(backOff(firstPauseMs), locked, async (error) => {
    if (sqlstateOf(error) !== lockNotAvailable) return false;
    const others = await sessionsBlockingReaders(client, tables);
    const whom = waitingFor(others);
    if (lockWait.deadline.passed) {
      throw new WalletVaultError(
        "ERR_LOCK_DEADLINE",
        `${what}: the tables were locked for ${minutes(lockWait.deadline.minutes)}, ${whom}.`,
        `Nothing is changed by looking, and what was done before stays done; ${howToEnd(others)}, or run again at a quieter time.`,
      );
    }
    report(others.map(({ pid }) => pid).join(" "), `${what}: ${whom}; ${howLong(lockWait.deadline, others)}`);
    return true;
  });
}

/**
 * Takes a reader's lock on tables until the transaction ends. A SELECT takes it with a privilege on one column; LOCK TABLE needs a
 * privilege on the whole table.
 *
 * @param tables quoted names
 * @param timeoutMs milliseconds to wait; at most half of deadlock_timeout in any case. A session that waits for all of it looks
 *   for a deadlock and is ended where there is one: we let go before an application would be that session
 */
async function lockForReading(client: Client, tables: readonly string[], timeoutMs: number): Promise<void> {
  await client.query(
    `select set_config('lock_timeout', least($1::int8, greatest(s.setting::int8 / 2, 1))::text, true)
       from pg_settings s where s.name = 'deadlock_timeout'`,
    [Math.round(timeoutMs)],
  );
  await client.query(`select from ${tables.join(", ")} where false`);
}

/**
 * Sessions that keep readers out of tables: those that hold an ACCESS EXCLUSIVE lock, those that wait for one before us, and
 * the sessions that these wait for.
 *
 * @param tables quoted names
 */
export async function sessionsBlockingReaders(client: Client, tables: readonly string[]): Promise<Blocker[]> {
  const { rows } = await client.query<Blocker>(
    `with exclusive as materialized (
       select l.pid, l.granted from pg_locks l
        where l.mode = 'AccessExclusiveLock' and l.locktype = 'relation' and l.pid <> pg_backend_pid()
          and l.database = (select d.oid from pg_database d where d.datname = current_database())
          and l.relation in (select to_regclass(t.name) from unnest($1::text[]) t (name))
     ), blocking as (
       select pid, 1 as rank from exclusive where granted
       union all select pid, 2 from exclusive where not granted
       union all select unnest(pg_blocking_pids(pid)), 3 from exclusive where not granted
     )
     select ${blockerColumns}
       from pg_stat_activity a join (select pid, min(rank) as rank from blocking group by pid) s on s.pid = a.pid
      order by s.rank, a.xact_start nulls last
      limit 3`,
    [tables],
  );
  return rows;
}

const minutes = (n: number): string => `${n} minute${n === 1 ? "" : "s"}`;
