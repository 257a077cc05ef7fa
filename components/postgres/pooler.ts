import type { Client } from "pg";
import { WalletVaultError } from "./errors";

/** How long a statement may wait for the other session before we call it a one-connection pooler, in milliseconds. */
const stuckMs = 3_000;

const proven = new Map<string, Promise<void>>();

/**
 * Refuses a transaction-mode pooler (PgBouncer, Supavisor on port 6543): settings and session locks would land on
 * connections that other clients share. Decided by measuring, not by the port, once per process and URL, and before
 * any setting is sent, because a setting would leak into those shared connections.
 */
export function requireSessionAffinity(databaseUrl: string, connect: (url: string) => Promise<Client>): Promise<void> {
  const known = proven.get(databaseUrl);
  if (known !== undefined) return known;
  const probe = measure(databaseUrl, connect);
  proven.set(databaseUrl, probe);
  // A failure is not remembered: the server may be up again, or the URL's pool mended, at the next call.
  probe.catch(() => proven.delete(databaseUrl));
  return probe;
}

/**
 * While another session has a transaction open, our own backend must still be ours: the other one must not run on it,
 * and we must find it unchanged. In transaction mode the pooler hands the idle backend to whoever asks next.
 */
async function measure(databaseUrl: string, connect: (url: string) => Promise<Client>): Promise<void> {
  const mine = await connect(databaseUrl);
  let other: Client | undefined;
  try {
    const before = await backendOf(mine);
    other = await connect(databaseUrl);
    await other.query("begin");
    const others = await backendOf(other);
    const after = await Promise.race([backendOf(mine), stuck()]);
    if (others === before || after !== before) throw transactionPooler();
  } finally {
    // Not awaited in order: a statement that is stuck in a pooler's queue would hold up the goodbye.
    await other?.query("rollback").catch(() => undefined);
    await Promise.all([mine.end().catch(() => undefined), other?.end().catch(() => undefined)]);
  }
}

/** The server process behind a session, in the words of the server. */
async function backendOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("select pg_catalog.pg_backend_pid() as pid");
  return rows[0]?.pid ?? 0;
}

function stuck(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, stuckMs, undefined).unref());
}

const transactionPooler = (): WalletVaultError =>
  new WalletVaultError(
    "ERR_POOLER",
    "databaseUrl leads through a pooler in transaction mode: two statements of one session ran on different server connections.",
    "Use the direct connection or a pooler in session mode (Supabase: the direct or session connection string, port 5432, not 6543).",
  );
