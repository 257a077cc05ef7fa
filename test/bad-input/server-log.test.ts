import assert from "node:assert/strict";
import { test } from "node:test";
import { withClient } from "../../components/postgres/connection";
import { server, testedMajors, withDatabase } from "../support/database";
import { talkative } from "../support/talkative-log";
import { transfer, withConstraint } from "../../testing/transfer";
import { collapse, key, put } from "../unique-constraint/duplicate-rows";
import { make } from "../unique-constraint/support";

/** A trigger that raises every row's key, as the name of whatever an error can name. */
const naming = (event: "insert" | "delete", row: "new" | "old"): string => `
  create function name_key() returns trigger language plpgsql as $$ begin
    raise exception using errcode = '23514', constraint = ${row}.encrypted_private_key, table = ${row}.encrypted_private_key,
      column = ${row}.encrypted_private_key, schema = ${row}.encrypted_private_key;
  end $$;
  create trigger name_key before ${event} on credential_vault_storage for each row execute function name_key()`;

/** What a key looks like in a log: as it is, or as the bytes of a constant in a plan. */
const traces = (secret: string): string[] => [secret.slice(0, 16), [...Buffer.from(secret.slice(0, 16))].join(" ")];

async function assertSilent(major: (typeof testedMajors)[number], secrets: readonly string[], proof: string) {
  const log = await (await server(major)).log();
  assert.ok(log.includes(proof), `the log is not talkative: no ${proof}`);
  for (const trace of secrets.flatMap(traces)) assert.ok(!log.includes(trace), `${trace} is in the server's log`);
}

for (const major of testedMajors) {
  test(`a refused key that a trigger raises as a name is not in the most talkative log (PostgreSQL ${major})`, () =>
    withDatabase(
      { major, load: ["wallet-system", ["waiting", 5]], sql: `${withConstraint}; ${naming("insert", "new")}` },
      async (database) => {
        const keys = await database.query<{ key: string }>(
          "select metadata ->> 'private_key_encrypted' as key from project_credentials",
        );
        await talkative(database);
        const { lastRun } = await transfer(database.url);
        assert.equal(lastRun.refused, 5);
        const secrets = keys.map((row) => row.key);
        await assertSilent(major, secrets, "k.name = ");
      },
    ));

  test(`nor is one whose row collapsing would remove (PostgreSQL ${major})`, () =>
    withDatabase({ major, sql: naming("delete", "old") }, async (database) => {
      const secret = `0x${"c0ffee".repeat(10)}`;
      // Made in the server: what the test itself sends is in its log, too.
      await put(database, { id: "a", value: key, day: 1 }, { id: "b", value: key, day: 2 });
      await database.query("update credential_vault_storage set encrypted_private_key = '0x' || repeat('c0ffee', 10)");
      await talkative(database);
      await assert.rejects(make(database, { collapse }), /23514/);
      await assertSilent(major, [secret], "block.refused_by");
    }));

  test(`nor is one that comes with an error of a statement of ours (PostgreSQL ${major})`, () =>
    withDatabase({ major }, async (database) => {
      await talkative(database);
      const secret = `0x${"decade".repeat(10)}`;
      const failing = `do $$ declare secret text := '0x' || repeat('decade', 10); begin
        raise exception using errcode = '23514', constraint = secret, table = secret, column = secret, schema = secret; end $$`;
      await assert.rejects(
        withClient(database.url, { purpose: "trying" }, (client) => client.query(failing)),
        /23514/,
      );
      await assertSilent(major, [secret], "from pg_constraint k where");
    }));
}
