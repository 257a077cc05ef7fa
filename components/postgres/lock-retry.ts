import type { Client } from "pg";
import { plural } from "../format";
import { Deadline } from "./deadline";
import { WalletVaultError, sqlstateOf } from "./errors";
import type { LockLimits } from "./lock-limits";
import { backOff, retry } from "./retry";
import { lockNotAvailable } from "./sqlstate";

const firstPauseMs = 100;

/**
 * Runs `attempt` with a lock timeout; where the lock is not to be had in time, lets go, says for whom it waits, and
 * tries again with jittered back-off until the deadline. `attempt` is one statement or a whole transaction.
 *
 * @param what the work, for the message: `adding constraint x to public.t`
 * @param relations oids of the relations whose locks it needs
 * @throws WalletVaultError ERR_LOCK_DEADLINE
 */
export async function withLockRetry<T>(
  client: Client,
  limits: LockLimits,
  what: string,
  relations: readonly number[],
  report: (line: string) => void,
  attempt: () => Promise<T>,
): Promise<T> {
  const deadline = new Deadline(limits.lockDeadlineMinutes);
  const limited = async (): Promise<T> => {
    await client.query(`set lock_timeout = ${Math.round(limits.lockTimeoutMs)}`);
    try {
      return await attempt();
    } finally {
      await client.query("set lock_timeout = 0").catch(() => undefined);
    }
  };
  return retry(backOff(firstPauseMs), limited, async (error) => {
    if (sqlstateOf(error) !== lockNotAvailable) return false;
    const blockers = await lockHolders(client, relations);
    const whom = waitingFor(blockers);
    if (deadline.passed) {
      throw new WalletVaultError(
        "ERR_LOCK_DEADLINE",
        `${what}: no lock within ${limits.lockDeadlineMinutes} minutes, ${whom}.`,
        `Nothing was changed by this step; ${howToEnd(blockers)}, or run again at a quieter time.`,
      );
    }
    report(`${what}: ${whom}; ${howLong(deadline, blockers)}`);
    return true;
  });
}

/** `tries again for 10 minutes; commit there, or end it: select pg_terminate_backend(4711)` */
export function howLong(deadline: Deadline, blockers: readonly Pick<Blocker, "pid">[]): string {
  const minutes = Math.max(1, Math.ceil(deadline.minutesLeft));
  return `tries again for ${plural(minutes, "minute")}; ${howToEnd(blockers)}`;
}

/** Who has its client at hand commits there. The first one is enough: it is asked again who is in the way. */
export const howToEnd = ([first]: readonly Pick<Blocker, "pid">[]): string =>
  first === undefined
    ? "end the session that holds it"
    : `commit there, or end it: select pg_terminate_backend(${first.pid})`;

/** A session that stands in the way; never its query text. Null where this role may not see it. */
export interface Blocker {
  readonly pid: number;
  readonly application: string | null;
  readonly state: string | null;
  /** Age of its transaction in whole seconds. */
  readonly seconds: number | null;
}

/** The columns of a Blocker, from `pg_stat_activity a`. */
export const blockerColumns = `a.pid, a.application_name::text as application, a.state,
            extract(epoch from clock_timestamp() - a.xact_start)::int as seconds`;

/** `waiting for pid 4711 (psql, idle in transaction, for 42 s)` */
export const waitingFor = (blockers: readonly Blocker[]): string =>
  blockers.length > 0 ? `waiting for ${blockers.map(formatBlocker).join("; ")}` : "waiting for a lock";

/** `pid 4711 (psql, idle in transaction, for 42 s)` */
export function formatBlocker(blocker: Blocker): string {
  const facts = [
    blocker.application || undefined,
    blocker.state ?? undefined,
    blocker.seconds === null ? undefined : `for ${blocker.seconds} s`,
  ].filter(Boolean);
  return facts.length > 0 ? `pid ${blocker.pid} (${facts.join(", ")})` : `pid ${blocker.pid}`;
}

/**
 * Sessions of others that hold a lock on one of these relations, longest transaction first. An oid is one database's own:
 * another one, made from the same template, has the same for another table.
 */
export async function lockHolders(client: Client, relations: readonly number[]): Promise<Blocker[]> {
  const { rows } = await client.query<Blocker>(
    `select ${blockerColumns}
       from pg_stat_activity a
      where a.pid <> pg_backend_pid()
        and a.pid in (select l.pid from pg_locks l
                       where l.granted and l.relation = any($1::oid[])
                         and l.database = (select d.oid from pg_database d where d.datname = current_database()))
      order by a.xact_start nulls last
      limit 3`,
    [relations],
  );
  return rows;
}

/** Sessions of others that hold a lock on one of these tables, in words; empty where there are none. */
export async function sessionsHolding(client: Client, tables: readonly string[]): Promise<string> {
  const { rows } = await client.query<{ oid: number }>("select unnest($1::text[])::regclass::oid as oid", [tables]);
  const holders = await lockHolders(
    client,
    rows.map((row) => row.oid),
  );
  return holders.map(formatBlocker).join("; ");
}

/** Sessions that these backends wait for, as the server itself tells it. */
export async function sessionsOf(client: Client, pids: readonly number[]): Promise<Blocker[]> {
  const { rows } = await client.query<Blocker>(
    `select ${blockerColumns}
       from pg_stat_activity a where a.pid = any($1::int[]) order by a.xact_start nulls last`,
    [pids],
  );
  return rows;
}
