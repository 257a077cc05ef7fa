import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "pg";
import { fixture } from "../../fixtures/fixtures";
import { PostgresServer } from "../../testing/postgres-server";
import { testedMajors } from "../support/database";
import { transfer, withConstraint } from "../../testing/transfer";

/** More keys than fit into the memory that a scan takes where it need not take more (128 MB), and few that wait. */
const credentials = 110_000;
const waiting = 20;
/** Too short, and too random, to be compressed or stored elsewhere. */
const keyBytes = 1_500;

for (const major of testedMajors)
  test(`survey, transfer and read-back put nothing into temporary files, however large the keys (PostgreSQL ${major})`, async () => {
    const server = await PostgresServer.start({
      major,
      settings: { fsync: "off", max_wal_size: "4GB", log_temp_files: "0", hash_mem_multiplier: "1" },
    });
    const admin = new Client({ connectionString: server.url() });
    try {
      await admin.connect();
      await admin.query(`set work_mem = '256MB'; ${fixture("wallet-system")}; ${withConstraint};
        insert into project_credentials (project_id, credential_type, vault_stored, metadata)
          select gen_random_uuid(), 'w', n > ${waiting}, jsonb_build_object('private_key_encrypted',
                 (select string_agg(md5(n::text || i), '') from generate_series(1, ${Math.ceil(keyBytes / 32)}) i))
            from generate_series(1, ${credentials}) n;
        insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
          select id, id, metadata ->> 'private_key_encrypted' from project_credentials where vault_stored;
        analyze`);
      const offset = (await server.log()).length;
      const { found, lastRun } = await transfer(server.url());
      assert.deepEqual([found.counts.states.stored, lastRun.transferred], [credentials, waiting]);
      assert.deepEqual((await server.log()).slice(offset).match(/temporary file: .*/g), null);
    } finally {
      await admin.end();
      await server.remove();
    }
  });
