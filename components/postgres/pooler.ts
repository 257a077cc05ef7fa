import type { Client } from "pg";
import { WalletVaultError } from "./errors";

/** How long a session may wait for an answer before we say that the pooler has no connection for it, in milliseconds. */
const waitMs = 5_000;

/** Questions in a row; two answers would do where a pooler takes its connections in turn. */
const asked = 3;

/** A busy PgBouncer was lucky for up to four rounds, in 6,400 tries. */
const rounds = 10;

/** Where nothing speaks for a pooler. A round takes three round trips, and the server may be far away. */
const roundsOfDirect = 2;

const proven = new Map<string, Promise<void>>();

/**
 * Refuses a transaction-mode pooler (PgBouncer, Supavisor on port 6543): settings and session locks would land on
 * connections that other clients share. Decided by measuring, not by the port, once per process and URL, and before
 * any setting is sent, because a setting would leak into those shared connections.
 *
 * @throws WalletVaultError ERR_POOLER, also where the pooler has no connection for a second session
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
 * Our backend must stay ours, whatever another session does. In transaction mode a pooler hands the idle backend to
 * whoever asks next: to us another one at the next question (round robin), to the other session ours (last in, first
 * out), and where other clients are busy, one or the other sooner or later.
 */
async function measure(databaseUrl: string, connect: (url: string) => Promise<Client>): Promise<void> {
  const mine = await connect(databaseUrl);
  let other: Client | undefined;
  try {
    const own = await backendOf(mine);
    for (let n = 1; n < asked; n += 1) requireSame(own, await backendOf(mine));
    other = await connect(databaseUrl);
    for (let left = processOf(mine) === own ? roundsOfDirect : rounds; left > 0; left -= 1) {
      const others = await backendOf(other, "begin;");
      // Ended before anything is thrown: PgBouncer closes the connection of a client that leaves a transaction open.
      const [during] = await Promise.all([backendOf(mine), other.query("rollback")]);
      requireSame(own, during, await backendOf(mine));
      if (others === own) throw transactionPooler();
    }
  } finally {
    await Promise.all([mine.end().catch(() => undefined), other?.end().catch(() => undefined)]);
  }
}

/** The server process behind a session, in the words of the server. */
async function backendOf(client: Client, before = ""): Promise<number> {
  const answer = client.query<{ pid: number }>(`${before} select pg_catalog.pg_backend_pid() as pid`);
  const result = await inTime(answer);
  // One result per statement where there are two.
  const last: typeof result = Array.isArray(result) ? result.at(-1) : result;
  return last.rows[0]?.pid ?? 0;
}

/**
 * The server process that was named at login, for cancelling. A server names its own; a pooler cannot pass it on where
 * connections are shared, or a cancel would hit the statement of another client.
 */
function processOf(client: Client): unknown {
  return "processID" in client ? client.processID : undefined;
}

function requireSame(own: number, ...seen: number[]): void {
  if (seen.some((backend) => backend !== own)) throw transactionPooler();
}

async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(fullPool()), waitMs);
  });
  return Promise.race([answer, tooLate]).finally(() => clearTimeout(timer));
}

const transactionPooler = (): WalletVaultError =>
  new WalletVaultError(
    "ERR_POOLER",
    "databaseUrl leads through a pooler in transaction mode: two statements of one session ran on different server connections.",
    "Use the direct connection or a pooler in session mode (Supabase: the direct or session connection string, port 5432, not 6543).",
  );

const fullPool = (): WalletVaultError =>
  new WalletVaultError(
    "ERR_POOLER",
    `A session got no answer within ${waitMs / 1000} s: the pooler that databaseUrl leads through has no connection left for it.`,
    "Give its pool room for 4 sessions of ours at a time beside those of others, or use the direct connection.",
  );
