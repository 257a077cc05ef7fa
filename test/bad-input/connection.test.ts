import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { handOver, serverAccount, temporaryFolder } from "../../tools/postgres/account";
import { freePort } from "../../tools/postgres/port";
import { PostgresServer } from "../../tools/postgres-server";
import { server, withDatabase } from "../support/database";
import { assertRefused, assertRefusedAt } from "../support/refused";
import { transfer, withConstraint } from "../support/wallets";

const secret = "s3cr3t-p4ssw0rd";

test("a server that is not there is named with its port, without the password", async () => {
  const port = await freePort();
  await assertRefusedAt(`postgresql://me:${secret}@127.0.0.1:${port}/wallets`, {
    code: "ERR_CONNECTION",
    says: [`127.0.0.1:${port}`, "ECONNREFUSED"],
    hides: [secret],
  });
});

test("a wrong password is told as a refused login, without either password", async () => {
  await withDatabase({}, async (database) => {
    const host = await server();
    const url = host.url(database.name, host.superuser, secret);
    await assertRefused(database, { url, code: "ERR_AUTHENTICATION", says: ["28P01"], hides: [secret, host.password] });
  });
});

test("a missing password is told as one", async () => {
  await withDatabase({}, async (database) => {
    const { port } = new URL(database.url);
    const url = `postgresql://nobody@127.0.0.1:${port}/${database.name}`;
    await assertRefused(database, { url, code: "ERR_AUTHENTICATION", says: ["password"] });
  });
});

test("a database that does not exist is told as one", async () => {
  const host = await server();
  await assertRefusedAt(host.url("no such thing"), {
    code: "ERR_CONNECTION",
    says: ['database "no such thing"', "no such database"],
    hides: [host.password],
  });
});

test("a login refused because it came without TLS is told as that", async () => {
  const host = await PostgresServer.start({ hba: ["hostnossl all all all reject"], settings: { fsync: "off" } });
  try {
    await assertRefusedAt(host.url(), {
      code: "ERR_AUTHENTICATION",
      says: ["28000", "sslmode=require"],
      hides: [host.password],
    });
  } finally {
    await host.remove();
  }
});

/** Stands for a pooler that is none of ours to run: answers every login with a FATAL error of this SQLSTATE. */
async function refusing<T>(sqlstate: string, use: (port: number) => Promise<T>): Promise<T> {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${sqlstate}\0MTenant or user ${secret} not found\0\0`);
  const length = Buffer.alloc(4);
  length.writeInt32BE(fields.length + 4);
  const fake = createServer((socket) =>
    socket
      .once("data", () => socket.end(Buffer.concat([Buffer.from("E"), length, fields])))
      .on("error", () => undefined),
  );
  await once(fake.listen(0, "127.0.0.1"), "listening");
  try {
    return await use((fake.address() as AddressInfo).port);
  } finally {
    fake.close();
  }
}

for (const [sqlstate, ...says] of [
  ["XX000", "pooler", "postgres.<project ref>"],
  ["08P01", "pooler"],
  ["53300", "connections are taken"],
  ["57P03", "starting"],
] as const) {
  test(`a login refused with ${sqlstate} is told with what to do, in words of our own`, async () => {
    await refusing(sqlstate, (port) =>
      assertRefusedAt(`postgresql://me:${secret}@127.0.0.1:${port}/wallets`, {
        code: "ERR_CONNECTION",
        says: [sqlstate, ...says],
        hides: [secret, "Tenant"],
      }),
    );
  });
}

test("a certificate's file that cannot be read is told as that", async () => {
  for (const path of ["/no/such/ca.crt", "system", "/"]) {
    const url = `postgresql://me:${secret}@127.0.0.1:1/wallets?sslmode=verify-full&sslrootcert=${path}`;
    await assertRefusedAt(url, { code: "ERR_TLS", says: ["sslrootcert", "cannot be read"], hides: [secret] });
  }
});

test("a password with every special character works when it is percent-encoded", async () => {
  const password = "a/b:c@d?e#f%g&h i+j'k\"l\\m[n]é🔑";
  await withDatabase({ load: ["wallet-system", ["waiting", 3]], sql: withConstraint }, async (database) => {
    const role = `odd_${process.pid}`;
    await database.query(`create role ${role} superuser login password '${password.replaceAll("'", "''")}'`);
    try {
      const { found } = await transfer((await server()).url(database.name, role, password));
      assert.equal(found.counts.states.stored, 3);
    } finally {
      await database.query(`drop role ${role}`);
    }
  });
});

test("a server without TLS is told where databaseUrl asks for it", async () => {
  await withDatabase({}, async (database) => {
    for (const mode of ["require", "verify-ca", "verify-full", "prefer"]) {
      const url = `${database.url}?sslmode=${mode}`;
      await assertRefused(database, { url, code: "ERR_TLS", says: ["TLS"] });
    }
  });
});

const openssl = spawnSync("openssl", ["version"]).status === 0;

test(
  "a certificate that nobody vouches for is refused, and accepted where databaseUrl names its issuer",
  { skip: openssl ? false : "there is no openssl here to make a certificate with" },
  async () => {
    const folder = temporaryFolder(serverAccount());
    const [certificate, key] = [join(folder, "server.crt"), join(folder, "server.key")];
    const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
    const made = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", certificate];
    execFileSync("openssl", ["req", "-x509", ...made, ...subject], { stdio: "pipe" });
    chmodSync(key, 0o600);
    for (const file of [certificate, key]) handOver(file, serverAccount());
    const host = await PostgresServer.start({
      settings: { ssl: "on", ssl_cert_file: certificate, ssl_key_file: key, fsync: "off" },
    });
    try {
      const says = ["certificate", "sslrootcert"];
      await assertRefusedAt(`${host.url()}?sslmode=require`, { code: "ERR_TLS", says, hides: [host.password] });
      const trusted = `${host.url()}?sslmode=require&sslrootcert=${encodeURIComponent(certificate)}`;
      await assertRefusedAt(trusted, { code: "ERR_TABLE_MISSING", says: ["project_credentials"] });
    } finally {
      await host.remove();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
