import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { after, test } from "node:test";
import { Client } from "pg";
import { PostgresServer, type ServerOptions } from "../../testing/postgres-server";
import { childrenOf, running } from "../../testing/processes";
import { eventually } from "../support/eventually";

const servers: PostgresServer[] = [];
after(() => Promise.all(servers.map((server) => server.remove())));

async function start(options?: ServerOptions): Promise<PostgresServer> {
  const server = await PostgresServer.start(options);
  servers.push(server);
  return server;
}

async function query(server: PostgresServer, sql: string): Promise<unknown[][]> {
  const client = new Client({ connectionString: server.url() });
  // A crash of the server is an event of an idle client, and an error of the query for a busy one.
  client.on("error", () => undefined);
  await client.connect();
  try {
    const result = await client.query<unknown[]>({ text: sql, rowMode: "array" });
    return result.rows;
  } finally {
    await client.end();
  }
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 120_000 });
    const answer = (yes: boolean) => () => {
      socket.destroy();
      resolve(yes);
    };
    socket.once("connect", answer(true)).once("error", answer(false)).once("timeout", answer(false));
  });
}

test("a server listens on the loopback interface only", async () => {
  const server = await start();
  assert.equal(await accepts("127.0.0.1", server.port), true);
  const others = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  for (const { address, internal } of others) if (!internal) assert.equal(await accepts(address, server.port), false);
  const settings = ["listen_addresses", "unix_socket_directories", "server_encoding", "password_encryption"];
  const values = await query(server, `select ${settings.map((name) => `current_setting('${name}')`).join(", ")}`);
  assert.deepEqual(values, [["127.0.0.1", "", "UTF8", "scram-sha-256"]]);
});

test("a wrong password is refused", async () => {
  const server = await start();
  const client = new Client({ connectionString: server.url("postgres", "postgres", "wrong") });
  await assert.rejects(client.connect(), { code: "28P01" });
});

test("servers of two majors run side by side, with their own settings", async () => {
  const [old, current] = await Promise.all([
    start({ major: 14, settings: { work_mem: "3MB" } }),
    start({ superuser: "boss", password: "p@ss:w/rd" }),
  ]);
  const sql = "select current_setting('server_version_num')::int / 10000, current_setting('work_mem'), current_user";
  assert.deepEqual(await query(old, sql), [[14, "3MB", "postgres"]]);
  assert.deepEqual(await query(current, sql), [[18, "4MB", "boss"]]);
  assert.notEqual(old.port, current.port);
});

test("a restart keeps the data, the port and the log", async () => {
  const server = await start();
  const { port, pid } = server;
  await query(server, "create table kept as select 42 as answer");
  await server.restart();
  assert.equal(server.port, port);
  assert.notEqual(server.pid, pid);
  assert.deepEqual(await query(server, "select answer from kept"), [[42]]);
  assert.equal((await server.log()).split("database system is ready to accept connections").length - 1, 2);
});

test("after kill -9 of all its processes a server recovers every committed row", async () => {
  const server = await start();
  const family = [server.pid as number, ...childrenOf(server.pid as number)];
  await query(server, "create table committed as select generate_series(1, 1000) as id");
  await server.kill();
  assert.equal(server.pid, undefined);
  assert.deepEqual(running(family), []);
  await server.restart();
  assert.deepEqual(await query(server, "select count(*)::int from committed"), [[1000]]);
  assert.match(await server.log(), /was not properly shut down; automatic recovery in progress/);
});

test("of a server that has died by itself no pid is kept, which could be somebody else's by then", async () => {
  const server = await start();
  process.kill(server.pid as number, "SIGQUIT");
  await eventually("its end is noticed", () => server.pid === undefined || undefined);
  await server.restart();
  assert.deepEqual(await query(server, "select 42"), [[42]]);
});

test("remove leaves no process and no folder", async () => {
  const server = await start();
  const family = [server.pid as number, ...childrenOf(server.pid as number)];
  assert.ok(family.length > 3);
  await server.remove();
  assert.deepEqual(running(family), []);
  assert.equal(existsSync(server.folder), false);
  assert.equal(await accepts("127.0.0.1", server.port), false);
});

test("a server that cannot start says why, in the words of its log", async () => {
  await assert.rejects(start({ settings: { shared_buffers: "nonsense" } }), /shared_buffers/);
});

test("lines for pg_hba.conf come before the default ones", async () => {
  const server = await start({ hba: ["host all nobody 127.0.0.1/32 reject"] });
  const client = new Client({ connectionString: server.url("postgres", "nobody", "x") });
  await assert.rejects(client.connect(), /pg_hba\.conf rejects connection/);
});
