import { Client } from "pg";
import { objectsNamedInError } from "./catalog/error-objects";
import { connectionError } from "./connection-error";
import { readDatabaseUrl, unreadableUrl, withoutTls } from "./connection-url";
import { safeError } from "./errors";
import { requireSessionAffinity } from "./pooler";
import { quoteIdent } from "./quote";
import { keepRoleSettings, ownSettings } from "./role-settings";
import { type Tls, tlsOf } from "./tls";
import { tlsOptions } from "./tls-files";

export type { Client } from "pg";

/** How long a server may take to answer the first packet, in seconds, where databaseUrl has no connect_timeout. */
const connectTimeout = 15;

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
    throw safeError(error, session.purpose, await objectsNamedInError(client, error));
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

/** What pg_stat_activity shows; PostgreSQL would cut it there, too. */
export const applicationName = (purpose: string): string => `wallet-vault: ${purpose}`.slice(0, 63);

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
  const url = readDatabaseUrl(databaseUrl);
  const tls = tlsOf(url);
  const client = clientFor(url, tls);
  // Without a listener a connection that dies between two statements would end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw connectionError(error, client, tls);
  }
}

/** In seconds. A timer of Node.js holds no more than 24 days, and fires at once where it is given more. */
function connectTimeoutOf(url: URL): number {
  const asked = Number(url.searchParams.get("connect_timeout"));
  return asked > 0 ? Math.min(asked, 3_600) : connectTimeout;
}

function clientFor(url: URL, tls: Tls): Client {
  const ssl = tlsOptions(tls);
  try {
    return new Client({
      connectionString: withoutTls(url),
      ssl,
      sslnegotiation: tls.negotiation,
      enableChannelBinding: tls.channelBinding,
      connectionTimeoutMillis: 1_000 * connectTimeoutOf(url),
      keepAlive: true,
      keepAliveInitialDelayMillis: keepAliveMs,
    });
  } catch {
    // It has read the parameters, of which it repeats what it does not know.
    throw unreadableUrl();
  }
}

/**
 * One round trip. No limit that a role or a database sets may end a session that builds an index or waits for its turn, and no
 * commit waits for a standby, which may be gone: that wait has no deadline. What is lost with a server is made again by the
 * next update. Of the last two limits, servers before 14 and 17 do not know one. Of the settings that change how values are printed or read,
 * those that would reach what we read ourselves; the others are left as they are, because triggers of users may rely on them.
 */
async function prepareSession(client: Client, session: SessionOptions): Promise<void> {
  await client.query(`
    ${keepRoleSettings}
    set application_name = ${quoteIdent(applicationName(session.purpose))};
    ${ownSettings}
    set default_transaction_isolation = 'read committed';
    set default_transaction_read_only = ${session.readOnly ? "on" : "off"};
    set statement_timeout = 0;
    set lock_timeout = 0;
    set synchronous_commit = local;
    set idle_in_transaction_session_timeout = '60s';
    set client_min_messages = error;
    set jit = off;
    set quote_all_identifiers = off;
    set extra_float_digits = 1;
    select pg_catalog.set_config(name, '0', false)
      from pg_catalog.unnest(array['idle_session_timeout', 'transaction_timeout']) name
     where pg_catalog.current_setting(name, true) is not null`);
  // Ends a statement whose client died, within seconds. Servers on some platforms do not offer it.
  await client.query("set client_connection_check_interval = '2s'").catch(() => undefined);
}
