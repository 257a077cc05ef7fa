import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Client } from "pg";
import { requireSupportedServer } from "../../components/postgres/server-version";
import { fixture } from "../../fixtures/fixtures";
import { PostgresServer } from "../../testing/postgres-server";
import { withDatabase } from "../support/database";
import { assertRefused } from "../support/refused";

test("a read-only standby is refused as one", async () => {
  const host = await PostgresServer.start({ settings: { fsync: "off" } });
  const client = async (): Promise<Client> => {
    const session = new Client({ connectionString: host.url() });
    await session.connect();
    return session;
  };
  try {
    const primary = await client();
    await primary.query(fixture("wallet-system"));
    await primary.end();
    await host.stop();
    writeFileSync(join(host.dataFolder, "standby.signal"), "");
    await host.restart();
    const session = await client();
    const query = async <Row>(sql: string) => (await session.query(sql)).rows as Row[];
    const [recovery] = await query<{ standby: boolean }>("select pg_is_in_recovery() as standby");
    assert.equal(recovery?.standby, true);
    const says = ["standby", "primary"];
    await assertRefused({ url: host.url(), query }, { code: "ERR_SERVER_READ_ONLY", says, hides: [host.password] });
    await session.end();
  } finally {
    await host.remove();
  }
});

test("a database that is set to read-only is refused, with the setting's name", async () => {
  await withDatabase({}, async (database) => {
    await database.query(`alter database ${database.name} set default_transaction_read_only = on`);
    await assertRefused(database, { code: "ERR_SERVER_READ_ONLY", says: ["default_transaction_read_only"] });
  });
});

const plain = { version: 180004, product: "PostgreSQL 18.4 on x86_64-pc-linux-gnu", standby: false, read_only: false };

/** A session whose server describes itself like this. */
const describing = (row: Partial<typeof plain>): Client =>
  ({ query: async () => ({ rows: [{ ...plain, ...row }] }) }) as unknown as Client;

const versions: readonly (readonly [name: string, version: string])[] = [
  ["CockroachDB", "CockroachDB CCL v23.1.11 (x86_64-pc-linux-gnu, built 2023/09/27 01:53:43, go1.19.10)"],
  ["YugabyteDB", "PostgreSQL 11.2-YB-2.18.0.0-b0 on x86_64-pc-linux-gnu, compiled by clang version 15.0.3, 64-bit"],
  ["YugabyteDB", "PostgreSQL 15.2-YB-2.25.0.0-b0 on x86_64-pc-linux-gnu, compiled by clang version 17.0.6, 64-bit"],
  [
    "Redshift",
    "PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.12103",
  ],
  ["Greenplum", "PostgreSQL 12.12 (Greenplum Database 7.0.0 build commit:0a7a3566) on x86_64-pc-linux-gnu"],
  ["not a PostgreSQL", "Materialize v0.68.1 (c9bd3eb6d)"],
];
for (const [name, version] of versions) {
  test(`a server whose version() is ${JSON.stringify(version.slice(0, 40))}… is refused as ${name}, told by that string`, async () => {
    await assert.rejects(
      requireSupportedServer(describing({ product: version })),
      (error: { code?: string; message: string }) => {
        assert.equal(error.code, "ERR_SERVER_UNSUPPORTED");
        assert.ok(error.message.includes(name));
        return true;
      },
    );
  });
}

test("a server that says it is PostgreSQL 13 is refused with its version, told by server_version_num", async () => {
  await assert.rejects(requireSupportedServer(describing({ version: 130014 })), {
    code: "ERR_SERVER_UNSUPPORTED",
    message: /PostgreSQL 13\..*14 or later/,
  });
});

for (const product of [
  plain.product,
  "PostgreSQL 14.5 (EnterpriseDB Advanced Server 14.5.0) on x86_64",
  "PostgreSQL 17beta1",
]) {
  test(`a server whose version() is ${JSON.stringify(product)} is let through`, async () => {
    await requireSupportedServer(describing({ product }));
  });
}
