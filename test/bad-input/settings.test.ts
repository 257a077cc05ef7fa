import assert from "node:assert/strict";
import { test } from "node:test";
import { deploy } from "../crash/deployment";
import { type Database, server, testedMajors, withDatabase } from "../support/database";
import { assertRefused } from "../support/refused";
import { transfer, withConstraint } from "../../testing/transfer";

/** Settings that a database or a role may have, and that change how SQL is read, run or printed. */
const settings: Readonly<Record<string, string>> = {
  quote_all_identifiers: "on",
  standard_conforming_strings: "off",
  escape_string_warning: "on",
  backslash_quote: "off",
  array_nulls: "off",
  transform_null_equals: "on",
  bytea_output: "escape",
  xmloption: "document",
  datestyle: "German",
  intervalstyle: "sql_standard",
  timezone: "Pacific/Apia",
  extra_float_digits: "-15",
  default_transaction_isolation: "serializable",
  default_transaction_deferrable: "on",
  default_tablespace: "",
  check_function_bodies: "off",
  lc_messages: "C",
  statement_timeout: "60s",
  lock_timeout: "1ms",
  enable_tidscan: "off",
  enable_indexscan: "off",
  enable_hashagg: "off",
  enable_hashjoin: "off",
  enable_material: "off",
  enable_sort: "off",
  enable_nestloop: "off",
  geqo_threshold: "2",
  join_collapse_limit: "1",
  from_collapse_limit: "1",
  plan_cache_mode: "force_custom_plan",
  constraint_exclusion: "on",
  default_toast_compression: "pglz",
  "plpgsql.extra_errors": "all",
  "plpgsql.extra_warnings": "all",
  "plpgsql.variable_conflict": "error",
  "plpgsql.check_asserts": "off",
  "plpgsql.print_strict_params": "on",
  client_min_messages: "debug5",
  log_min_messages: "warning",
  search_path: "",
  row_security: "off",
};

const load = ["wallet-system", ["mixed", 60]] as const;

const setAll = (names: readonly string[], database: string): string =>
  names.map((name) => `alter database ${database} set ${name} = '${settings[name]}'`).join("; ");

/** The states as the fixture says they should end, which no setting may change. */
async function assertDeployed({ url, query }: Pick<Database, "url" | "query">): Promise<void> {
  const expected = await query(`select count(*)::int as n from expected_state where after = 'stored'`);
  const { summary } = await deploy(url);
  assert.deepEqual([{ n: summary.states.stored }], expected);
  assert.deepEqual([summary.states.pending, summary.lastRun.refused, summary.flagsWrong], [0, 0, 0]);
}

for (const major of testedMajors) {
  test(`all of it works with every setting a database may have, at once (PostgreSQL ${major})`, async () => {
    await withDatabase({ major, load }, async (database) => {
      await database.query(setAll(Object.keys(settings), database.name));
      await assertDeployed(database);
    });
  });

  test(`a role that turns triggers off is refused (PostgreSQL ${major})`, async () => {
    await withDatabase({ major, load, sql: withConstraint }, async (database) => {
      await database.query(`alter database ${database.name} set session_replication_role = replica`);
      await assertRefused(database, { code: "ERR_SERVER_UNSUPPORTED", says: ["session_replication_role is replica"] });
      await database.query(`alter database ${database.name} set session_replication_role = local`);
      const { found } = await transfer(database.url);
      assert.equal(found.counts.states.pending, 0);
    });
  });

  test(`a role or a database with room for too few sessions is refused, and the advice works (PostgreSQL ${major})`, async () => {
    await withDatabase({ major, load, sql: withConstraint }, async (database) => {
      const role = `few_${process.pid}_${major}`;
      const url = (await server(major)).url(database.name, role, "pass-Qx7-word");
      await database.query(`create role ${role} login bypassrls password 'pass-Qx7-word' connection limit 2;
        grant select, insert, update on project_credentials, credential_vault_storage to ${role}`);
      try {
        const says = ["needs up to 4 at once"];
        await assertRefused(database, {
          url,
          code: "ERR_CONNECTION_LIMIT",
          says: [...says, `Role ${role} may have 2`],
        });
        await database.query(
          `alter role "${role}" connection limit 6; alter database ${database.name} connection limit 3`,
        );
        await assertRefused(database, {
          url,
          code: "ERR_CONNECTION_LIMIT",
          says: [
            ...says,
            `Database ${database.name} may have 3`,
            `alter database "${database.name}" connection limit 7;`,
          ],
        });
        await database.query(`alter database ${database.name} connection limit 7`);
        const { found } = await transfer(url);
        assert.equal(found.counts.states.pending, 0);
      } finally {
        await database.query(`drop owned by ${role}; drop role ${role}`);
      }
    });
  });
}
