import type { Client } from "../../postgres/connection";
import type { Blocker } from "../../postgres/lock-retry";
import { quoteQualified } from "../../postgres/quote";
import type { Wallets } from "../wallets";

/**
 * Takes a reader's lock on both tables until the transaction ends. A SELECT takes it with a privilege on one column; LOCK TABLE
 * needs a privilege on the whole table.
 *
 * @param timeoutMs milliseconds to wait; at most half of deadlock_timeout in any case. A session that waits for all of it looks
 *   for a deadlock and is ended where there is one: we let go before an application would be that session
 */
export async function lockTables(client: Client, wallets: Wallets, timeoutMs: number): Promise<void> {
  await client.query(
    `select set_config('lock_timeout', least($1::int8, greatest(s.setting::int8 / 2, 1))::text, true)
       from pg_settings s where s.name = 'deadlock_timeout'`,
    [Math.round(timeoutMs)],
  );
  await client.query(
    `select c.id, v.credential_id
       from ${quoteQualified(wallets.schema, wallets.credentialsTable)} c, ${quoteQualified(wallets.schema, wallets.vaultTable)} v
      where false`,
  );
}

/**
 * Sessions that keep readers out of the tables: those that hold an ACCESS EXCLUSIVE lock, those that wait for one before us, and
 * the sessions that these wait for.
 */
export async function sessionsBlockingReaders(client: Client, wallets: Wallets): Promise<Blocker[]> {
  const { rows } = await client.query<Blocker>(
    `with exclusive as materialized (
       select l.pid, l.granted from pg_locks l
        where l.mode = 'AccessExclusiveLock' and l.locktype = 'relation' and l.pid <> pg_backend_pid()
          and l.database = (select d.oid from pg_database d where d.datname = current_database())
          and l.relation in (select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
                              where n.nspname = $1 and c.relname in ($2, $3))
     ), blocking as (
       select pid, 1 as rank from exclusive where granted
       union all select pid, 2 from exclusive where not granted
       union all select unnest(pg_blocking_pids(pid)), 3 from exclusive where not granted
     )
     select a.pid, a.application_name::text as application, a.state,
            extract(epoch from clock_timestamp() - a.xact_start)::int as seconds
       from pg_stat_activity a join (select pid, min(rank) as rank from blocking group by pid) s on s.pid = a.pid
      order by s.rank, a.xact_start nulls last
      limit 3`,
    [wallets.schema, wallets.credentialsTable, wallets.vaultTable],
  );
  return rows;
}
