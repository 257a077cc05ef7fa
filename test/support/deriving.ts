import { after } from "node:test";
import { Client } from "pg";
import { deriveFunctions, type Finding } from "../../components/key-identity/derive";
import { ownSettings } from "../../components/postgres/role-settings";
import type { Major } from "../../testing/postgres-server";
import { server } from "./database";

export interface Pair {
  readonly key: string | null;
  readonly address: string | null;
  readonly network?: string | null | undefined;
  readonly type?: string | null | undefined;
}

export interface Judged {
  readonly finding: Finding;
  readonly opens: string | null;
}

/** How many keys, or texts, a test draws: DERIVE_DRAWS, or a few. */
export const draws = Number(process.env["DERIVE_DRAWS"] ?? 40);

async function openDerivation(url: string, before = ""): Promise<Client> {
  const session = new Client({ connectionString: url });
  session.on("error", () => undefined);
  await session.connect();
  await session.query(`${before}; ${ownSettings}`);
  await session.query(deriveFunctions());
  return session;
}

/**
 * Lends a session that has the functions.
 *
 * @param before SQL that the session runs first
 */
export async function withDerivation<T>(url: string, use: (session: Client) => Promise<T>, before = ""): Promise<T> {
  const session = await openDerivation(url, before);
  try {
    return await use(session);
  } finally {
    await session.end();
  }
}

/** Findings of the server on pairs of a key and an address, in calls of 500. */
export async function judge(session: Client, pairs: readonly Pair[]): Promise<Judged[]> {
  const judged: Judged[] = [];
  for (let from = 0; from < pairs.length; from += 500) {
    const some = pairs.slice(from, from + 500);
    const { rows } = await session.query<Judged & { n: number }>(
      "select n, finding, opens from pg_temp.wallet_vault_findings($1, $2, $3, $4)",
      columns(some),
    );
    judged.push(...rows.map(({ finding, opens }) => ({ finding, opens })));
  }
  return judged;
}

const sessions = new Map<Major, Promise<Client>>();
after(async () => {
  for (const session of sessions.values()) await (await session).end().catch(() => undefined);
});

/** The same on a server, in one session of the test file: the tables of points are made once. */
export const judgeOn = async (major: Major, pairs: readonly Pair[]): Promise<Judged[]> =>
  judge(await sessionOn(major), pairs);

/** The same without the function around it that catches errors. */
export async function judgeDirectly(major: Major, pairs: readonly Pair[]): Promise<Judged[]> {
  const session = await sessionOn(major);
  const judged: Judged[] = [];
  for (let from = 0; from < pairs.length; from += 500) {
    const { rows } = await session.query<{ judged: [] }>(
      "select pg_temp.wallet_vault_judged($1, $2, $3, $4) as judged",
      columns(pairs.slice(from, from + 500)),
    );
    const flat: readonly (string | null)[] = rows[0]?.judged ?? [];
    for (let i = 0; i < flat.length; i += 2)
      judged.push({ finding: flat[i] as Finding, opens: flat[i + 1] as string | null });
  }
  return judged;
}

function sessionOn(major: Major): Promise<Client> {
  const known = sessions.get(major) ?? server(major).then((host) => openDerivation(host.url()));
  sessions.set(major, known);
  return known;
}

const columns = (pairs: readonly Pair[]): (string | null)[][] =>
  (["key", "address", "network", "type"] as const).map((column) => pairs.map((pair) => pair[column] ?? null));
