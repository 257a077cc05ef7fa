import type { Client } from "../../postgres/connection";
import type { Blocker } from "../../postgres/lock-retry";

/**
 * Sessions of clients that hold a lock on the table which an index build would have to wait for, so also those that
 * build one. Autovacuum is left out: it steps aside for whoever waits.
 */
export async function sessionsBlockingBuild(client: Client, table: number): Promise<Blocker[]> {
  const { rows } = await client.query<Blocker>(
    `select a.pid, a.application_name::text as application, a.state,
            extract(epoch from clock_timestamp() - a.xact_start)::int as seconds
       from pg_stat_activity a
      where a.pid <> pg_backend_pid() and a.usesysid is not null
        and a.pid in (select l.pid from pg_locks l
                       where l.locktype = 'relation' and l.relation = $1 and l.granted
                         and l.database = (select d.oid from pg_database d where d.datname = current_database())
                         and l.mode in ('ShareUpdateExclusiveLock', 'ShareLock', 'ShareRowExclusiveLock',
                                        'ExclusiveLock', 'AccessExclusiveLock'))
      order by a.xact_start nulls last`,
    [table],
  );
  return rows;
}

/** The server process of this session, in the server's words: behind a pooler the client library has another number. */
export async function backendOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  return rows[0]?.pid ?? 0;
}
