import type { Client } from "pg";
import { WalletVaultError } from "./errors";

interface Server {
  readonly version: number;
  readonly product: string;
  readonly standby: boolean;
  readonly read_only: boolean;
}

/** The oldest PostgreSQL this project knows, as in server_version_num. */
const oldestSupported = 140000;

/**
 * Refuses a server that cannot do the job, before anything is changed: one that is not PostgreSQL at heart, older
 * than 14, a standby, or switched to read-only.
 */
export async function requireSupportedServer(client: Client): Promise<void> {
  const { rows } = await client.query<Server>(`
    select current_setting('server_version_num')::int as version,
           version() as product,
           pg_is_in_recovery() as standby,
           (select coalesce(s.reset_val, 'off') = 'on' from pg_settings s where s.name = 'default_transaction_read_only') as read_only`);
  const server = rows[0];
  if (server === undefined) return;
  const unsupported = unsupportedProduct(server.product);
  if (unsupported !== undefined) {
    throw new WalletVaultError(
      "ERR_SERVER_UNSUPPORTED",
      `The server is ${unsupported.name}, which ${unsupported.difference}.`,
      "This program is proven on PostgreSQL 14 to 18 only; point databaseUrl at a PostgreSQL server.",
    );
  }
  if (server.version < oldestSupported) {
    throw new WalletVaultError(
      "ERR_SERVER_UNSUPPORTED",
      `The server is PostgreSQL ${Math.floor(server.version / 10000)}.`,
      "Upgrade it to 14 or later: older ones cannot end the index build of a client that died.",
    );
  }
  if (server.standby) {
    throw new WalletVaultError(
      "ERR_SERVER_READ_ONLY",
      "The server is a read-only standby.",
      "Point databaseUrl at the primary.",
    );
  }
  if (server.read_only) {
    throw new WalletVaultError(
      "ERR_SERVER_READ_ONLY",
      "The database or the role is set to read-only (default_transaction_read_only).",
      "Hosted platforms do this when the disk is full: make room, or reset the setting, then run again.",
    );
  }
}

/** Databases that speak PostgreSQL's protocol but differ where it matters here; told by version(). */
export function unsupportedProduct(version: string): { name: string; difference: string } | undefined {
  if (/CockroachDB/i.test(version)) {
    return { name: "CockroachDB", difference: "has other locks, catalogs and index builds" };
  }
  if (/-YB-|YugabyteDB/i.test(version)) {
    return { name: "YugabyteDB", difference: "has other locks, catalogs and index builds" };
  }
  if (/Redshift/i.test(version)) return { name: "Amazon Redshift", difference: "does not enforce unique constraints" };
  if (/Greenplum|Cloudberry/i.test(version)) {
    return { name: "Greenplum", difference: "spreads a table's rows over several servers" };
  }
  if (!/^(PostgreSQL|EnterpriseDB)/i.test(version))
    return { name: "not a PostgreSQL", difference: "is not known to this program" };
  return undefined;
}

/**
 * What triggers write beside the rows that are moved or removed is known by the server's own count of written rows alone.
 *
 * @throws WalletVaultError ERR_SERVER_UNSUPPORTED
 */
export async function requireTrackCounts(client: Client): Promise<void> {
  const { rows } = await client.query("select where current_setting('track_counts') <> 'on'");
  if (rows.length === 0) return;
  throw new WalletVaultError(
    "ERR_SERVER_UNSUPPORTED",
    "track_counts is off for this role, database or server: nobody could say whether a trigger wrote to other wallets' rows.",
    "Turn it on (it is by default, and autovacuum needs it): alter role, alter database or alter system ... reset track_counts.",
  );
}
