import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import dns from "node:dns";
import { once } from "node:events";
import { chmodSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { handOver, serverAccount, temporaryFolder } from "../../testing/postgres/account";
import { freePort } from "../../testing/postgres/port";
import { PostgresServer } from "../../testing/postgres-server";
import { server, withDatabase } from "../support/database";
import { assertRefused, assertRefusedAt } from "../support/refused";
import { transfer, withConstraint } from "../../testing/transfer";

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
  ["P0001", "event triggers on login"],
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

test("a SQLSTATE that is none, as an event trigger on login may raise, is not repeated", async () => {
  await refusing("S3CRT", (port) =>
    assertRefusedAt(`postgresql://me:${secret}@127.0.0.1:${port}/wallets`, {
      code: "ERR_CONNECTION",
      says: ["P0001", "event triggers on login"],
      hides: [secret, "S3CRT"],
    }),
  );
});

test("a server that takes the connection and lets nobody in is told as that", async () => {
  const silent = createServer((socket) => socket.on("error", () => undefined));
  await once(silent.listen(0, "127.0.0.1"), "listening");
  const { port } = silent.address() as AddressInfo;
  try {
    await assertRefusedAt(`postgresql://me:${secret}@127.0.0.1:${port}/wallets?connect_timeout=0.2`, {
      code: "ERR_CONNECTION",
      says: [`127.0.0.1:${port}`, "let nobody in", "connect_timeout"],
      hides: [secret],
    });
  } finally {
    silent.close();
  }
});

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
    for (const mode of ["require", "verify-ca", "verify-full", "prefer", "allow", "no-verify"]) {
      const url = `${database.url}?sslmode=${mode}`;
      await assertRefused(database, { url, code: "ERR_TLS", says: ["TLS", "databaseUrl asks for it"] });
    }
    await withEnvironment({ PGSSLMODE: "require" }, () =>
      assertRefused(database, { code: "ERR_TLS", says: ["PGSSLMODE in the environment asks for it"] }),
    );
  });
});

async function withEnvironment(settings: Record<string, string>, use: () => Promise<void>): Promise<void> {
  Object.assign(process.env, settings);
  try {
    await use();
  } finally {
    for (const name of Object.keys(settings)) delete process.env[name];
  }
}

type Found = (...answer: unknown[]) => void;

test("what goes to another machine begins with a request for TLS, and nothing follows where there is none", async (t) => {
  // Stands for another machine: a name that is not of this one, and what it resolves to.
  t.mock.method(dns, "lookup", (_host: string, ...rest: [dns.LookupOptions, Found] | [Found]) => {
    const [options, found] = rest.length === 1 ? [{}, rest[0]] : rest;
    if (options.all) found(null, [{ address: "127.0.0.1", family: 4 }]);
    else found(null, "127.0.0.1", 4);
  });
  const received: Buffer[] = [];
  const fake = createServer((socket) =>
    socket
      .on("error", () => undefined)
      .on("data", (chunk) => {
        received.push(chunk);
        socket.write("N");
      }),
  );
  await once(fake.listen(0, "127.0.0.1"), "listening");
  const { port } = fake.address() as AddressInfo;
  try {
    for (const query of ["", "?sslmode=prefer", "?sslmode=allow", "?sslmode=no-verify", "?ssl=true"])
      await assertRefusedAt(`postgresql://me:${secret}@db.example:${port}/wallets${query}`, {
        code: "ERR_TLS",
        says: [
          `db.example:${port}`,
          query === "" ? "TLS is the default to any host but this machine" : "databaseUrl asks for it",
        ],
        hides: [secret],
      });
  } finally {
    fake.close();
  }
  // PostgreSQL manual, 55.7: a length of 8, and the code of SSLRequest, 80877103.
  const request = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
  assert.deepEqual(new Set(received.map((chunk) => chunk.toString("hex"))), new Set([request.toString("hex")]));
  assert.ok(received.length >= 5);
});

const openssl = spawnSync("openssl", ["version"]).status === 0;
const skip = openssl ? false : "there is no openssl here to make a certificate with";

/** Lends a server whose certificate is for 127.0.0.1 and nobody's but its own. */
async function withTls(
  use: (host: PostgresServer, certificate: string, key: string) => Promise<void>,
  hba: string[] = [],
): Promise<void> {
  const folder = temporaryFolder(serverAccount());
  const [certificate, key] = [join(folder, "server.crt"), join(folder, "server.key")];
  const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
  const made = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", certificate];
  execFileSync("openssl", ["req", "-x509", ...made, ...subject], { stdio: "pipe" });
  chmodSync(key, 0o600);
  for (const file of [certificate, key]) handOver(file, serverAccount());
  try {
    const host = await PostgresServer.start({
      hba,
      settings: { ssl: "on", ssl_cert_file: certificate, ssl_key_file: key, fsync: "off" },
    });
    try {
      await use(host, certificate, key);
    } finally {
      await host.remove();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const there = { code: "ERR_TABLE_MISSING", says: ["project_credentials"] } as const;

test("a certificate that nobody vouches for is refused, and accepted where its issuer is named", { skip }, () =>
  withTls(
    async (host, certificate) => {
      const says = ["certificate", "sslrootcert"];
      await assertRefusedAt(`${host.url()}?sslmode=require`, { code: "ERR_TLS", says, hides: [host.password] });
      await assertRefusedAt(`${host.url()}?sslmode=require&sslrootcert=${encodeURIComponent(certificate)}`, there);
      await assertRefusedAt(`${host.url()}?sslmode=no-verify`, there);
      await withEnvironment({ PGSSLROOTCERT: certificate }, () =>
        assertRefusedAt(`${host.url()}?sslmode=require`, there),
      );
      // To be seen by the server, where only TLS lets in.
      await withEnvironment({ PGSSLMODE: "no-verify" }, () => assertRefusedAt(host.url(), there));
    },
    ["hostnossl all all all reject"],
  ),
);

test("what is wrong with a certificate is told: whose it is not, and which file does not vouch for it", { skip }, () =>
  withTls(async (host, certificate, key) => {
    const root = encodeURIComponent(certificate);
    const hides = [host.password];
    const elsewhere = host.url().replace("127.0.0.1", "localhost");
    const says = ["another host", "ERR_TLS_CERT_ALTNAME_INVALID"];
    await assertRefusedAt(`${elsewhere}?sslrootcert=${root}`, { code: "ERR_TLS", says, hides });
    await withTls(async (_other, stranger) => {
      const file = encodeURIComponent(stranger);
      await assertRefusedAt(`${host.url()}?sslrootcert=${file}`, { code: "ERR_TLS", says: [stranger], hides });
      await withEnvironment({ PGSSLROOTCERT: stranger }, () =>
        assertRefusedAt(`${host.url()}?sslmode=require`, {
          code: "ERR_TLS",
          says: [stranger, "PGSSLROOTCERT in the environment"],
          hides,
        }),
      );
      // A key that is not that of the certificate, and a file that holds no certificate at all.
      for (const [query, ...words] of [
        [`sslrootcert=${root}&sslcert=${file}&sslkey=${encodeURIComponent(key)}`, stranger, key],
        [`sslrootcert=${encodeURIComponent(key)}`, key, "no certificate"],
      ] as const)
        await assertRefusedAt(`${host.url()}?${query}`, { code: "ERR_TLS", says: words, hides });
    });
  }),
);

test("a login refused for want of TLS is told with who turned it off", async () => {
  await refusing("28000", async (port) => {
    const url = `postgresql://me:${secret}@127.0.0.1:${port}/wallets`;
    const refused = { code: "ERR_AUTHENTICATION", hides: [secret] } as const;
    await withEnvironment({ PGSSLMODE: "disable" }, () =>
      assertRefusedAt(url, { ...refused, says: ["PGSSLMODE=disable in the environment"] }),
    );
    await assertRefusedAt(`${url}?sslmode=disable`, { ...refused, says: ["databaseUrl says so"] });
  });
});
