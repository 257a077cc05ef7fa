import assert from "node:assert/strict";
import { test } from "node:test";
import { checkView } from "../../components/view/preconditions";
import { applyView } from "../../components/view/apply";
import type { ViewInputs } from "../../components/view/args";
import { testedMajors, withDatabase } from "../support/database";

const spec = (query: string): ViewInputs => ({
  schema: "public",
  name: "seen",
  query,
  options: {},
  readers: [],
  readersMayBeMissing: false,
  schemaMayBeMissing: false,
  lockTimeoutMs: 200,
  lockDeadlineMinutes: 1,
});
const old = `create view seen as select id, vault_stored as is_stored from project_credentials;`;
const report = "create view weekly as select * from seen;";
const quiet = () => undefined;

for (const major of testedMajors) {
  const load = ["wallet-system"] as const;

  test(`a preview refuses a view whose columns change while others depend on it, and names them (PostgreSQL ${major})`, async () => {
    await withDatabase({ major, load, sql: old + report }, async ({ url, query }) => {
      const changed = spec("select project_id, id from public.project_credentials");
      await assert.rejects(checkView(url, changed), { code: "ERR_DEPENDANTS", message: /view public\.weekly/ });
      // What PostgreSQL can do in place is none of its business, and neither is what nobody depends on.
      await checkView(url, spec("select id, vault_stored as is_stored, network from public.project_credentials"));
      await query("drop view weekly");
      await checkView(url, changed);
    });
  });

  for (const [what, sql, sqlstate] of [
    [
      "groups by a type without equality",
      "select metadata::json, count(*) from public.project_credentials group by 1",
      "42883",
    ],
    ["names a column that is not there", "select c.nothing from public.project_credentials c", "42703"],
    ["compares types that cannot be compared", "select id = 1 from public.project_credentials", "42883"],
  ] as const)
    test(`a preview refuses a query that ${what} (PostgreSQL ${major})`, async () => {
      await withDatabase({ major, load }, async ({ url }) => {
        await assert.rejects(checkView(url, spec(sql)), { code: "ERR_CONFIGURATION", message: new RegExp(sqlstate) });
      });
    });

  test(`a preview leaves to the update what it cannot know (PostgreSQL ${major})`, async () => {
    await withDatabase({ major, load }, async ({ url, session }) => {
      await checkView(url, spec("select * from public.made_by_the_same_run"));
      await checkView(url, spec("select id from public.project_credentials;"));
      const other = await session();
      await other.query("begin; lock table project_credentials in access exclusive mode");
      await checkView(url, spec("select id from public.project_credentials"));
      await other.query("rollback");
      await applyView(url, spec("select id from public.project_credentials -- all of them"), undefined, quiet);
      await checkView(url, spec("select id from public.project_credentials -- all of them"));
    });
  });
}
