import assert from "node:assert/strict";
import { test } from "node:test";
import { type Database, server, withDatabase } from "../support/database";
import { assertRefused } from "../support/refused";
import { transfer, withConstraint } from "../support/wallets";
import { pgbouncer, withPooler } from "./pgbouncer";

const skip = pgbouncer === undefined ? "there is no pgbouncer here (Debian: apt-get install pgbouncer)" : false;
const load = ["wallet-system", ["waiting", 20]] as const;

const urlThrough = (port: number, { name }: Database): string => `postgresql://postgres:x@127.0.0.1:${port}/${name}`;

test("a pooler in session mode serves a whole transfer", { skip }, async () => {
  await withDatabase({ load, sql: withConstraint }, async (database) => {
    await withPooler(await server(), { mode: "session", size: 20 }, async (port) => {
      const { found } = await transfer(urlThrough(port, database));
      assert.deepEqual([found.counts.states.stored, found.counts.verified], [20, 20]);
    });
  });
});

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
