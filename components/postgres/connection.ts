import { Client } from "pg";
import { safeError, sqlstateOf, systemCode, WalletVaultError } from "./errors";
import { quoted } from "./identifiers";
import { requireSessionAffinity } from "./pooler";

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
  /** Keeps the role's own search path behind pg_catalog: for sessions in which the users' triggers run. Default false. */
  readonly rolePath?: boolean;
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
    throw safeError(error, session.purpose);
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
 * @throws WalletVaultError ERR_CONNECTION, ERR_AUTHENTICATION, ERR_TLS, ERR_POOLER
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
  const { connectionString, place } = parseUrl(databaseUrl);
  const client = new Client({
    connectionString,
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
  });
  // Without a listener a connection that dies between two statements would end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw connectionError(error, place);
  }
}

/**
 * One round trip. No limit that a role or a database sets may end a session that builds an index or waits for its turn;
 * of the last two limits, servers before 14 and 17 do not know one.
 */
async function prepareSession(client: Client, session: SessionOptions): Promise<void> {
  const path = session.rolePath ? await rolePath(client) : "";
  await client.query(`
    set application_name = ${quoted(`wallet-vault: ${session.purpose}`.slice(0, 63))};
    set row_security = off;
    set search_path = pg_catalog, ${path} pg_temp;
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

/**
 * The role's own path, for triggers whose functions name tables without a schema. pg_catalog stays first and pg_temp
 * last, so nothing there can stand in for what this project calls.
 */
async function rolePath(client: Client): Promise<string> {
  const { rows } = await client.query<{ schemas: string[] }>(
    "select pg_catalog.array_remove(pg_catalog.current_schemas(false)::text[], 'pg_catalog') as schemas",
  );
  return (rows[0]?.schemas ?? []).map((schema) => `${quoted(schema)},`).join(" ");
}

/** Reads the URL without ever repeating it: it holds the password. */
function parseUrl(databaseUrl: string): { connectionString: string; place: string } {
  let url: URL;
  try {
    url = new URL(databaseUrl);
  } catch {
    throw notAUrl();
  }
  if (!["postgresql:", "postgres:"].includes(url.protocol)) throw notAUrl();
  // node-postgres treats these as verify-full and prints a warning on every connection; say what is meant instead.
  if (["prefer", "require", "verify-ca"].includes(url.searchParams.get("sslmode") ?? "")) {
    url.searchParams.set("sslmode", "verify-full");
  }
  const database = decodeURIComponent(url.pathname.slice(1));
  return {
    connectionString: url.toString(),
    place: `${url.hostname || "localhost"}:${url.port || "5432"}, database ${JSON.stringify(database)}`,
  };
}

const notAUrl = (): WalletVaultError =>
  new WalletVaultError(
    "ERR_CONFIGURATION",
    "databaseUrl is not a PostgreSQL URL.",
    "Set it to postgresql://user:password@host:5432/database (percent-encode special characters of the password).",
  );

function connectionError(error: unknown, place: string): WalletVaultError {
  const sqlstate = sqlstateOf(error);
  const text = error instanceof Error ? error.message : "";
  if (sqlstate === "28P01" || sqlstate === "28000") {
    return new WalletVaultError(
      "ERR_AUTHENTICATION",
      `The server at ${place} refused the login (${sqlstate}).`,
      "Check the user and the password in databaseUrl, that special characters are percent-encoded, and pg_hba.conf.",
      sqlstate,
    );
  }
  if (sqlstate === "3D000") {
    return new WalletVaultError(
      "ERR_CONNECTION",
      `The server at ${place} has no such database.`,
      "Check the last part of databaseUrl.",
      sqlstate,
    );
  }
  if (sqlstate !== undefined) {
    return new WalletVaultError(
      "ERR_CONNECTION",
      `The server at ${place} does not let us in now (${sqlstate}).`,
      "53300 means that all connections are taken, 57P03 that the server is starting: try again in a moment.",
      sqlstate,
    );
  }
  if (text.includes("does not support SSL")) {
    return new WalletVaultError(
      "ERR_TLS",
      `The server at ${place} does not speak TLS, and databaseUrl asks for it.`,
      "Turn TLS on at the server, or use sslmode=disable where the network itself is trusted.",
    );
  }
  const system = systemCode(error);
  if (/certificate|self.signed|altname/i.test(text) || /CERT|TLS|SSL/.test(system ?? "")) {
    return new WalletVaultError(
      "ERR_TLS",
      `The certificate of the server at ${place} is not trusted${system ? ` (${system})` : ""}.`,
      "Add sslrootcert=/path/to/the/provider's/ca.crt to databaseUrl (Supabase: Database settings, SSL configuration).",
    );
  }
  if (text.includes("password must be a string") || text.includes("no password")) {
    return new WalletVaultError(
      "ERR_AUTHENTICATION",
      `The server at ${place} asks for a password, and databaseUrl has none.`,
      "Put it into databaseUrl: postgresql://user:password@host:5432/database.",
    );
  }
  return new WalletVaultError(
    "ERR_CONNECTION",
    `The server at ${place} cannot be reached${system ? ` (${system})` : ""}.`,
    "Check host and port in databaseUrl, that the server is up, and that a firewall lets this machine through.",
  );
}
