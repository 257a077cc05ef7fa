import assert from "node:assert/strict";
import { test } from "node:test";
import { type Database, server, withDatabase } from "../support/database";
import { assertRefused } from "../support/refused";
import { transfer, withConstraint } from "../../testing/transfer";

const read = {
  project_credentials: [
    "id",
    "project_id",
    "credential_type",
    "network",
    "wallet_address",
    "key_vault_id",
    "metadata",
    "vault_stored",
    "vault_backup_date",
    // The place of a row on disk.
    "ctid",
  ],
  credential_vault_storage: [
    "credential_id",
    "vault_id",
    "encrypted_private_key",
    // What tells a revoked row.
    "access_level",
    "revoked_at",
    "ctid",
  ],
};
const written = ["credential_id", "vault_id", "encrypted_private_key"];

/** The least that a transfer needs: privilege, column, table. */
const needed = [
  ...read.project_credentials.map((column) => ["select", column, "project_credentials"] as const),
  ...read.credential_vault_storage.map((column) => ["select", column, "credential_vault_storage"] as const),
  ...written.map((column) => ["insert", column, "credential_vault_storage"] as const),
  ["update", "encrypted_private_key", "credential_vault_storage"] as const,
  ["update", "vault_stored", "project_credentials"] as const,
  ["update", "vault_backup_date", "project_credentials"] as const,
];

const load = ["wallet-system", ["mixed", 40]] as const;
/** Not to be mistaken for anything else in a message. */
const password = "pass-Qx7-word";
let counter = 0;

/** Lends a role of its own, not a superuser; dropped with all it was granted. */
async function withRole<T>(
  database: Database,
  options: string,
  use: (role: string, url: string) => Promise<T>,
): Promise<T> {
  counter += 1;
  const role = `plain_${process.pid}_${counter}`;
  await database.query(`create role ${role} login password '${password}' ${options}; revoke all on schema public from public;
    grant usage on schema public to ${role}`);
  try {
    return await use(role, (await server()).url(database.name, role, password));
  } finally {
    await database.query(`reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`);
  }
}

const grants = (role: string, except?: number): string =>
  needed
    .filter((_, n) => n !== except)
    .map(([privilege, column, table]) => `grant ${privilege} (${column}) on ${table} to ${role};`)
    .join(" ");

test("a role with exactly the privileges that are asked for can transfer", async () => {
  await withDatabase({ load, sql: withConstraint }, async (database) => {
    await withRole(database, "bypassrls", async (role, url) => {
      await database.query(grants(role));
      const { found, lastRun } = await transfer(url);
      assert.deepEqual([found.counts.states.pending, found.counts.flagsWrong, lastRun.refused], [0, 0, 0]);
      assert.ok(lastRun.transferred > 0);
    });
  });
});

test("each missing privilege is told by its name, column and table", async () => {
  await withDatabase({ load }, async (database) => {
    for (const [n, [privilege, column, table]] of needed.entries()) {
      await withRole(database, "bypassrls", async (role, url) => {
        await database.query(grants(role, n));
        const says = [role, `${privilege.toUpperCase()} (${column})`, table];
        await assertRefused(database, { url, code: "ERR_PRIVILEGE", says, hides: [password] });
      });
    }
  });
});

test("missing USAGE of the schema is told", async () => {
  await withDatabase({ load }, async (database) => {
    await withRole(database, "bypassrls", async (role, url) => {
      await database.query(`${grants(role)} revoke usage on schema public from ${role}`);
      await assertRefused(database, { url, code: "ERR_PRIVILEGE", says: [role, "USAGE on schema public"] });
    });
  });
});

test("rows that row-level security hides from a role are told, not left out in silence", async () => {
  await withDatabase({ load }, async (database) => {
    await withRole(database, "", async (role, url) => {
      await database.query(grants(role));
      const says = ["Row-level security", "public.project_credentials", "BYPASSRLS"];
      await assertRefused(database, { url, code: "ERR_ROWS_HIDDEN", says });
    });
  });
});

test("FORCE ROW LEVEL SECURITY hides rows from the owner too, and is told for the vault as well", async () => {
  await withDatabase({ load }, async (database) => {
    await withRole(database, "", async (role, url) => {
      await database.query(`alter table project_credentials owner to ${role};
        alter table credential_vault_storage owner to ${role}; alter table credential_vault_storage force row level security`);
      await assertRefused(database, { url, code: "ERR_ROWS_HIDDEN", says: ["public.credential_vault_storage"] });
    });
  });
});

test("the owner of the tables needs no more than that", async () => {
  await withDatabase({ load, sql: withConstraint }, async (database) => {
    await withRole(database, "", async (role, url) => {
      await database.query(
        `alter table project_credentials owner to ${role}; alter table credential_vault_storage owner to ${role}`,
      );
      const { found } = await transfer(url);
      assert.deepEqual([found.counts.states.pending, found.counts.flagsWrong], [0, 0]);
    });
  });
});
