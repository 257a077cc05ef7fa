import { after } from "node:test";
import { Client } from "pg";
import { fixture, type Fixture } from "../../fixtures/fixtures";
import { type Major, PostgresServer } from "../../testing/postgres-server";

/** Servers of this test file, one per major, started when first asked for and removed when the file is done. */
const servers = new Map<Major, Promise<PostgresServer>>();
const templates = new Map<string, Promise<string>>();
let counter = 0;

// Each by itself: one that fails must not save the others.
after(async () => {
  const removed = await Promise.allSettled([...servers.values()].map(async (started) => (await started).remove()));
  for (const one of removed) if (one.status === "rejected") throw one.reason;
});

/** Majors every database test runs on: the oldest and the newest supported. */
export const testedMajors: readonly Major[] = [14, 18];

/** The server of a major for this test file. fsync is off: these tests end processes, not power supplies. */
export function server(major: Major = 18): Promise<PostgresServer> {
  const known = servers.get(major);
  if (known !== undefined) return known;
  const started = PostgresServer.start({
    major,
    settings: { fsync: "off", max_connections: "200", max_wal_size: "256MB" },
  });
  servers.set(major, started);
  return started;
}

/** A database of its own for one test. */
export interface Database {
  readonly name: string;
  readonly url: string;
  /** As superuser, in a session of the test's own. Rows of the last statement. */
  query<Row = Record<string, unknown>>(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  /** A further session, closed with the database. */
  session(url?: string): Promise<Client>;
}

export interface Content {
  readonly major?: Major;
  /** Fixtures in order of loading; `["mixed", 200]` gives the number of wallets. Default: wallet-system. */
  readonly load?: readonly (Fixture | readonly [Fixture, number])[];
  /** SQL run once after the fixtures, before `use`. */
  readonly sql?: string;
}

/** Lends a fresh database, cloned from a template per content, and drops it whatever happens. */
export async function withDatabase<T>(content: Content, use: (database: Database) => Promise<T>): Promise<T> {
  const host = await server(content.major);
  const template = await templateFor(host, content.load ?? ["wallet-system"]);
  counter += 1;
  const name = `t${process.pid}_${counter}`;
  // The other way of copying writes the whole template to the WAL, which takes twice the processor time.
  const strategy = host.major >= 15 ? " strategy file_copy" : "";
  await onServer(host, `create database ${name} template ${template}${strategy}`);
  const url = host.url(name);
  const open: Client[] = [];
  const session = async (as = url): Promise<Client> => {
    const client = new Client({ connectionString: as });
    client.on("error", () => undefined);
    await client.connect();
    open.push(client);
    return client;
  };
  try {
    const own = await session();
    const query = async <Row>(sql: string, values?: readonly unknown[]): Promise<Row[]> => {
      const result = await own.query(sql, values === undefined ? undefined : [...values]);
      const last = Array.isArray(result) ? result.at(-1) : result;
      return last.rows;
    };
    if (content.sql !== undefined) await query(content.sql);
    return await use({ name, url, query, session });
  } finally {
    await Promise.all(open.map((client) => client.end().catch(() => undefined)));
    await onServer(host, `drop database if exists ${name} with (force)`);
  }
}

function templateFor(host: PostgresServer, load: NonNullable<Content["load"]>): Promise<string> {
  const key = `${host.major} ${JSON.stringify(load)}`;
  const known = templates.get(key);
  if (known !== undefined) return known;
  const name = `template_${templates.size}`;
  const made = (async () => {
    await onServer(host, `create database ${name}`);
    for (const entry of load) {
      const [what, n] = typeof entry === "string" ? [entry, 0] : entry;
      await onServer(host, fixture(what, n), name);
    }
    return name;
  })();
  templates.set(key, made);
  return made;
}

async function onServer(host: PostgresServer, sql: string, database = "postgres"): Promise<void> {
  const client = new Client({ connectionString: host.url(database) });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
