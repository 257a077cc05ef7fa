import type { Client } from "../postgres/connection";

/** Limits beyond which a run pauses, so that it does not break a database that is behind already. */
export interface HealthLimits {
  /** Seconds the slowest standby may be behind. Default 10. */
  readonly maxReplicationLagSeconds: number;
  /** WAL segments that may wait to be archived. Default 42, as GitLab's batched migrations have it. */
  readonly maxArchiveBacklog: number;
}

interface HealthReading {
  readonly lag: number | null;
  readonly sees_replication: boolean;
  /** Whether anything follows this server, which every role may know. */
  readonly replicates: boolean;
  readonly sees_archive: boolean;
  readonly archiving: boolean;
}

/**
 * What the role cannot see, as a sentence for the user; undefined where it sees all.
 *
 * @param what the work: `the transfer`
 */
export async function missingMonitoringPrivileges(client: Client, what: string): Promise<string | undefined> {
  const reading = await readHealth(client);
  const blind = [
    reading.replicates && !reading.sees_replication ? "replication lag" : undefined,
    reading.archiving && !reading.sees_archive ? "the archive backlog" : undefined,
  ].filter(Boolean);
  if (blind.length === 0) return undefined;
  return `this role cannot see ${blind.join(" and ")}, so ${what} will not pause for it (grant pg_monitor to change that)`;
}

/** Why a run should pause now, or undefined. */
export async function pauseReason(client: Client, limits: HealthLimits): Promise<string | undefined> {
  const reading = await readHealth(client);
  if (reading.lag !== null && reading.lag > limits.maxReplicationLagSeconds) {
    return `a standby is ${Math.round(reading.lag)} s behind (limit ${limits.maxReplicationLagSeconds} s)`;
  }
  if (reading.archiving && reading.sees_archive) {
    const { rows } = await client.query<{ waiting: number }>(
      "select count(*)::int as waiting from pg_ls_archive_statusdir() where name like '%.ready'",
    );
    const waiting = rows[0]?.waiting ?? 0;
    if (waiting > limits.maxArchiveBacklog) {
      return `${waiting} WAL segments wait to be archived (limit ${limits.maxArchiveBacklog})`;
    }
  }
  return undefined;
}

async function readHealth(client: Client): Promise<HealthReading> {
  const { rows } = await client.query<HealthReading>(`
    select extract(epoch from max(r.replay_lag))::float8 as lag,
           pg_has_role('pg_read_all_stats', 'usage') as sees_replication,
           count(r.pid) > 0 or exists (select from pg_replication_slots) as replicates,
           has_function_privilege('pg_ls_archive_statusdir()', 'execute') as sees_archive,
           current_setting('archive_mode') <> 'off' as archiving
      from pg_stat_replication r`);
  return rows[0] ?? { lag: null, sees_replication: false, replicates: false, sees_archive: false, archiving: false };
}
