import assert from "node:assert/strict";
import { test } from "node:test";
import { openSession } from "../../components/postgres/connection";
import { lockWaitOf } from "../../components/postgres/deadline";
import { sessionsBlockingReaders, withReaderLocks } from "../../components/postgres/reader-locks";
import { type Database, testedMajors, withDatabase } from "../support/database";
import { eventually } from "../support/eventually";

const tables = ['public."a table"', "public.another", "public.third"];
const sql = `create table "a table" (id int, secret text); create table another (id int); create table third (id int);`;
const waiting = { lockTimeoutMs: 20, lockDeadlineMinutes: 1, maxMinutes: 0 };

/** Tables that a session holds as a reader does. */
const held = ({ query }: Database, pid: number) =>
  query<{ name: string }>(
    `select c.relname as name from pg_locks l join pg_class c on c.oid = l.relation
      where l.pid = $1 and l.mode = 'AccessShareLock' and l.granted and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
      order by 1`,
    [pid],
  );

for (const major of testedMajors) {
  test(`a role that may read one column of each of three tables holds all three while it looks (PostgreSQL ${major})`, async () => {
    await withDatabase({ major, sql }, async (database) => {
      const role = `reader_${database.name}`;
      await database.query(
        `create role ${role} login password 'p'; grant select (id) on "a table", another, third to ${role}`,
      );
      const url = new URL(database.url);
      Object.assign(url, { username: role, password: "p" });
      const client = await openSession(url.href, { purpose: "looking", readOnly: true });
      try {
        const found = await withReaderLocks(
          client,
          tables,
          "looking",
          lockWaitOf(waiting, () => undefined),
          async () => {
            const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
            return held(database, rows[0]?.pid ?? 0);
          },
        );
        assert.deepEqual(
          found.map(({ name }) => name),
          ["a table", "another", "third"],
        );
      } finally {
        await client.end();
        await database.query(`drop owned by ${role}; drop role ${role}`);
      }
    });
  });

  test(`a session that keeps readers out of any of the tables is told, and one beside them is not (PostgreSQL ${major})`, async () => {
    await withDatabase({ major, sql: `${sql} create table elsewhere (id int);` }, async (database) => {
      const [other, beside, client] = [await database.session(), await database.session(), await database.session()];
      await beside.query("begin; lock table elsewhere");
      assert.deepEqual(await sessionsBlockingReaders(client, [...tables, "public.gone"]), []);
      await other.query("begin; lock table third");
      const { rows } = await other.query<{ pid: number }>("select pg_backend_pid() as pid");
      assert.deepEqual(
        (await sessionsBlockingReaders(client, tables)).map(({ pid }) => pid),
        [rows[0]?.pid],
      );
      const lines: string[] = [];
      const looking = withReaderLocks(
        client,
        tables,
        "looking",
        lockWaitOf(waiting, (line) => lines.push(line)),
        async () => "seen",
      );
      const line = await eventually("it says for whom it waits", () => lines[0], looking);
      assert.ok(line.startsWith(`looking: waiting for pid ${rows[0]?.pid} `), line);
      await other.query("rollback");
      assert.equal(await looking, "seen");
    });
  });
}
