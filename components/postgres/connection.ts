import { Client } from "pg";
import { connectionError, unreadableFile } from "./connection-error";
import { readDatabaseUrl, unreadableUrl } from "./database-url";
import { safeError, systemCode } from "./errors";
import { quoted } from "./identifiers";
import { knownPlace } from "./known-place";
import { requireSessionAffinity } from "./pooler";
import { keepRoleSettings, ownSettings } from "./role-settings";

export type { Client } from "pg";

/** How long a server may take to answer the first packet, in milliseconds. */
const connectTimeoutMs = 15_000;

/** Silence before the first sign of life, in milliseconds: an index build may be silent for longer than a NAT remembers. */
const keepAliveMs = 10_000;

export interface SessionOptions {
  /** What the session is for; shows as `wallet-vault <purpose>` in pg_stat_activity. */
  readonly purpose: string;
  /** Default false. True: the server refuses every write, also those that a mistake of ours would make. */
  readonly readOnly?: boolean;
}

/**
 * Opens a session, lends it to `use`, and closes it whatever happens. What leaves is a result or a WalletVaultError.
 */
export async function withClient<T>(
  databaseUrl: string,
  session: SessionOptions,
  use: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await openSession(databaseUrl, session);
  try {
    return await use(client);
  } catch (error) {
    throw safeError(error, session.purpose, await knownPlace(client, error));
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * A session of this project; the caller ends it. What its statements throw is raw: see safeError.
 *
 * Row-level security is off in every session: a role that would see only part of the rows gets 42501 instead of a
 * happy answer about nothing (PostgreSQL manual, 5.9).
 *
 * @throws WalletVaultError ERR_CONFIGURATION, ERR_CONNECTION, ERR_AUTHENTICATION, ERR_TLS, ERR_POOLER
 */
export async function openSession(databaseUrl: string, session: SessionOptions): Promise<Client> {
  let client: Client | undefined;
  try {
    await requireSessionAffinity(databaseUrl, connect);
    client = await connect(databaseUrl);
    await prepareSession(client, session);
    return client;
  } catch (error) {
    await client?.end().catch(() => undefined);
    throw safeError(error, session.purpose);
  }
}

/** Runs `work` in a transaction: committed when it returns, rolled back when it throws. */
export async function withTransaction<T>(
  client: Client,
  mode: "read write" | "read only",
  work: () => Promise<T>,
): Promise<T> {
  await client.query(`begin isolation level read committed ${mode}`);
  try {
    const result = await work();
    await client.query("commit");
    return result;
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

/** A bare session: no settings sent yet, so that nothing leaks into a shared server connection behind a pooler. */
export async function connect(databaseUrl: string): Promise<Client> {
  const client = clientFor(readDatabaseUrl(databaseUrl));
  // Without a listener a connection that dies between two statements would end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw connectionError(error, client);
  }
}

function clientFor(url: URL): Client {
  // node-postgres treats these as verify-full and prints a warning on every connection; say what is meant instead.
  if (["prefer", "require", "verify-ca"].includes(url.searchParams.get("sslmode") ?? "")) {
    url.searchParams.set("sslmode", "verify-full");
  }
  try {
    return new Client({
      connectionString: url.toString(),
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: keepAliveMs,
    });
  } catch (error) {
    // It has read the files of certificates, and the parameters, of which it repeats what it does not know.
    const system = systemCode(error);
    throw system === undefined ? unreadableUrl() : unreadableFile(system);
  }
}

/**
 * One round trip. No limit that a role or a database sets may end a session that builds an index or waits for its turn;
 * of the last two limits, servers before 14 and 17 do not know one.
 */
async function prepareSession(client: Client, session: SessionOptions): Promise<void> {
  await client.query(`
    ${keepRoleSettings}
    set application_name = ${quoted(`wallet-vault: ${session.purpose}`.slice(0, 63))};
    ${ownSettings}
    set default_transaction_isolation = 'read committed';
    set default_transaction_read_only = ${session.readOnly ? "on" : "off"};
    set statement_timeout = 0;
    set lock_timeout = 0;
    set idle_in_transaction_session_timeout = '60s';
    set client_min_messages = error;
    set jit = off;
    select pg_catalog.set_config(name, '0', false)
      from pg_catalog.unnest(array['idle_session_timeout', 'transaction_timeout']) name
     where pg_catalog.current_setting(name, true) is not null`);
  // Ends a statement whose client died, within seconds. Servers on some platforms do not offer it.
  await client.query("set client_connection_check_interval = '2s'").catch(() => undefined);
}
