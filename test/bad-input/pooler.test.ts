import assert from "node:assert/strict";
import { test } from "node:test";
import type { Client, QueryResult } from "pg";
import { connect, openSession } from "../../components/postgres/connection";
import { requireSessionAffinity } from "../../components/postgres/pooler";
import { type Database, server, withDatabase } from "../support/database";
import { assertRefused } from "../support/refused";
import { transfer, withConstraint } from "../../testing/transfer";
import { pgbouncer, withPooler } from "./pgbouncer";

const skip = pgbouncer === undefined ? "there is no pgbouncer here (Debian: apt-get install pgbouncer)" : false;
const load = ["wallet-system", ["waiting", 20]] as const;

const urlThrough = (port: number, { name }: Database): string => `postgresql://postgres:x@127.0.0.1:${port}/${name}`;

test(
  "a pooler in session mode serves a whole transfer with the four connections that we ask for",
  { skip },
  async () => {
    await withDatabase({ load, sql: withConstraint }, async (database) => {
      await withPooler(await server(), { mode: "session", size: 4 }, async (port) => {
        const { found } = await transfer(urlThrough(port, database));
        assert.deepEqual([found.counts.states.stored, found.counts.verified], [20, 20]);
      });
    });
  },
);

const transactionMode = { code: "ERR_POOLER", message: /transaction mode/ };

/** What our sessions set, as the server connections of the pool have it; they have the server's own values. */
const settings = `select array(select name || '=' || current_setting(name) from unnest(array['row_security', 'search_path', 'jit',
  'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'default_transaction_read_only', 'client_min_messages',
  'synchronous_commit', 'enable_seqscan']) s (name)) as settings, pg_backend_pid() as pid`;

for (const size of [1, 2, 20]) {
  test(`a pooler in transaction mode with ${size} connections is refused and left as it was`, { skip }, async () => {
    await withDatabase({ load }, async (database) => {
      const [own] = await database.query<{ settings: string[] }>(settings);
      await withPooler(await server(), { mode: "transaction", size }, async (port) => {
        const url = urlThrough(port, database);
        await assertRefused(database, { url, code: "ERR_POOLER", says: ["transaction mode", "session mode"] });
        // Each open transaction holds a connection of the pool: together they have seen all that were used.
        const pids = new Set<number>();
        for (let n = 0; n < Math.min(size, 4); n += 1) {
          const session = await database.session(url);
          await session.query("begin");
          const { rows } = await session.query<{ settings: string[]; pid: number }>(settings);
          assert.deepEqual(rows[0]?.settings, own?.settings);
          pids.add(rows[0]?.pid ?? 0);
        }
        assert.equal(pids.size, Math.min(size, 4));
      });
    });
  });
}

test("a pooler in transaction mode is refused every time while other clients are busy", { skip }, async () => {
  await withDatabase({}, async (database) => {
    await withPooler(await server(), { mode: "transaction", size: 2 }, async (port) => {
      const url = urlThrough(port, database);
      const over = new AbortController();
      const others = await Promise.all(Array.from({ length: 6 }, () => database.session(url)));
      const busy = others.map(async (client) => {
        while (!over.signal.aborted) await client.query("select pg_sleep(random() * 0.004)");
      });
      try {
        for (let n = 0; n < 40; n += 1) await assert.rejects(openSession(url, { purpose: "test" }), transactionMode);
      } finally {
        over.abort();
        await Promise.all(busy);
      }
    });
  });
});

test("a pooler that takes its connections in turn is refused", async () => {
  await withDatabase({}, async (database) => {
    const idle = [await database.session(), await database.session()];
    const inTurn = async (): Promise<Client> => {
      let held: Client | undefined;
      const query = async (sql: string): Promise<QueryResult> => {
        const client = held ?? idle.shift();
        assert.ok(client);
        const result = await client.query(sql);
        held = client.getTransactionStatus() === "T" ? client : undefined;
        if (held === undefined) idle.push(client);
        return result;
      };
      return Object.assign(await database.session(), { query });
    };
    await assert.rejects(requireSessionAffinity(`${database.url}?in-turn`, inTurn), transactionMode);
  });
});

test(
  "a pooler with one connection in session mode is refused within seconds, not after its own two minutes",
  {
    skip,
  },
  async () => {
    await withDatabase({}, async (database) => {
      await withPooler(await server(), { mode: "session", size: 1 }, async (port) => {
        const begun = Date.now();
        await assert.rejects(openSession(urlThrough(port, database), { purpose: "test" }), {
          code: "ERR_POOLER",
          message: /no connection left .* room for 4 sessions/,
        });
        assert.ok(Date.now() - begun < 60_000);
      });
    });
  },
);

test("a direct connection is believed after eleven statements, and told from a session pooler", { skip }, async () => {
  await withDatabase({}, async (database) => {
    await withPooler(await server(), { mode: "session", size: 4 }, async (port) => {
      assert.deepEqual([await statementsFor(database.url), await statementsFor(urlThrough(port, database))], [11, 43]);
    });
  });
});

/** How many statements the probe sends before it believes in the URL. */
async function statementsFor(url: string): Promise<number> {
  let sent = 0;
  await requireSessionAffinity(`${url}?counted`, async (asked) => {
    const client = await connect(asked);
    const query = client.query.bind(client) as (sql: string) => Promise<QueryResult>;
    return Object.assign(client, { query: (sql: string) => ((sent += 1), query(sql)) });
  });
  return sent;
}
