import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Client } from "pg";
import { fixture } from "../../fixtures/fixtures";
import { PostgresServer } from "../../testing/postgres-server";
import { testedMajors } from "../support/database";
import { collapse } from "./duplicate-rows";
import { make, previewFailure, vault } from "./support";

const servers: PostgresServer[] = [];
after(async () => {
  for (const one of servers) await one.remove();
});

const credentials = 8_000;
/** Longer than any row that is sorted; too short, and too random, to be compressed or stored elsewhere. */
const keyBytes = 1_500;

for (const major of testedMajors)
  test(`temporary files of a collapse hold ids and ctids, and no keys (PostgreSQL ${major})`, async () => {
    const server = await PostgresServer.start({
      major,
      settings: { fsync: "off", log_temp_files: "0", work_mem: "64kB", hash_mem_multiplier: "1" },
    });
    servers.push(server);
    const admin = new Client({ connectionString: server.url("postgres") });
    await admin.connect();
    try {
      await admin.query(`set work_mem = '256MB'; ${fixture("wallet-system")};
        insert into project_credentials (project_id, credential_type) select gen_random_uuid(), 'x' from generate_series(1, ${credentials});
        insert into ${vault} (credential_id, vault_id, encrypted_private_key)
          select c.id, n || ' ' || c.id, k.key
            from (select id, (select string_agg(md5(id::text || i), '') from generate_series(1, ${Math.ceil(keyBytes / 32)}) i) as key
                    from project_credentials) c (id, key),
                 lateral (values (1, c.key), (2, c.key), (3, '')) k (n, key);
        analyze`);
      const offset = (await server.log()).length;
      const database = { url: server.url("postgres") };
      assert.equal(await previewFailure(database, { collapse }), undefined);
      assert.equal((await make(database, { collapse, indexDeadlineMinutes: 10 })).origin, "created");
      const sizes = [...(await server.log()).slice(offset).matchAll(/temporary file: path .*, size (\d+)/g)].map(
        (found) => Number(found[1]),
      );
      assert.ok(sizes.length > 0, "with so little memory, something is put into files");
      const total = sizes.reduce((sum, size) => sum + size, 0);
      // Each row is put away a few times, with its id, its ctid and its date: a tenth of what one copy of all keys takes.
      const keys = 2 * credentials * keyBytes;
      assert.ok(Math.max(...sizes) < keys / 10, `${Math.max(...sizes)} of ${keys} bytes in one file, ${total} in all`);
      const { rows } = await admin.query(`select count(*)::int as n from ${vault}`);
      assert.deepEqual(rows, [{ n: credentials }]);
    } finally {
      await admin.end();
    }
  });
