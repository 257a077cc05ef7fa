import assert from "node:assert/strict";
import { test } from "node:test";
import { setDatabaseUrl } from "../../components/pulumi/provider-config";
import { check } from "../../components/view/operations";
import { checkView } from "../../components/view/preconditions";
import type { ViewInputs } from "../../components/view/args";
import { testedMajors } from "../support/database";
import { items, login, make, type ViewSandbox, withViewSandbox } from "./view-sandbox";

const checked = (sandbox: ViewSandbox, inputs: ViewInputs, url = sandbox.deployerUrl) => checkView(url, inputs);

for (const major of testedMajors) {
  const taken: readonly (readonly [string, string])[] = [
    ["a table", "create table app.labels (id int)"],
    ["a partitioned table", "create table app.labels (id int) partition by list (id)"],
    ["a materialized view", "create materialized view app.labels as select 1 as one"],
    ["a sequence", "create sequence app.labels"],
    ["an index", "create index labels on app.items (label)"],
    ["a type", "create type app.labels as enum ('a')"],
    ["a composite type", "create type app.labels as (id int)"],
  ];
  test(`what is no view, where the view should be, stops preview and up, and stays (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      for (const [what, sql] of taken) {
        await sandbox.query(`begin; ${sql}; commit`);
        const refusal = {
          code: "ERR_NAME_TAKEN",
          message: new RegExp(`app\\.labels should be a view, and is ${what}\\.`),
        };
        await assert.rejects(checked(sandbox, items), refusal);
        await assert.rejects(make(sandbox, items), refusal);
        const kind = /(materialized view|table|sequence|index|type) (app\.)?labels/.exec(sql)?.[1];
        await sandbox.query(`drop ${kind} app.labels`);
      }
    }));

  test(`a role without CREATE on the schema is told so, by name (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const poor = await login(sandbox, "poor");
      await assert.rejects(checked(sandbox, items, sandbox.as(poor)), {
        code: "ERR_PRIVILEGE",
        message: new RegExp(`Role ${poor} lacks CREATE on schema app`),
      });
    }));

  test(`a view of another owner is not ours to change (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      await sandbox.query("create view app.labels as select 1 as one");
      await assert.rejects(checked(sandbox, items), {
        code: "ERR_PRIVILEGE",
        message: new RegExp(`belongs to postgres, and ${sandbox.role("deployer")} is not a member`),
      });
    }));

  test(`a schema that does not exist is an error, unless the same run makes it (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const elsewhere = { ...items, schema: "elsewhere" };
      const refusal = { code: "ERR_CONFIGURATION", message: /There is no schema elsewhere/ };
      await assert.rejects(checked(sandbox, elsewhere), refusal);
      await checked(sandbox, { ...elsewhere, schemaMayBeMissing: true });
      await assert.rejects(make(sandbox, { ...elsewhere, schemaMayBeMissing: true }), refusal);
    }));

  test(`a reader that does not exist is an error, unless the same run makes it (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const spec = { ...items, readers: ["nobody_of_that_name"] };
      const refusal = { code: "ERR_CONFIGURATION", message: /There is no role nobody_of_that_name/ };
      await assert.rejects(checked(sandbox, spec), refusal);
      await assert.rejects(make(sandbox, spec), refusal);
      await checked(sandbox, { ...spec, readersMayBeMissing: true });
      // By then it has been made.
      await assert.rejects(make(sandbox, { ...spec, readersMayBeMissing: true }), refusal);
    }));

  test(`PUBLIC is no reader (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      for (const reader of ["public", "PUBLIC"]) {
        const refusal = { code: "ERR_CONFIGURATION", message: /PUBLIC cannot be a reader.*it is no role/ };
        await assert.rejects(checked(sandbox, { ...items, readers: [reader] }), refusal);
      }
    }));

  test(`security_invoker works from 15 on, and is refused before (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const invoker = { ...items, options: { security_invoker: true } };
      if (major >= 15) return void (await make(sandbox, invoker));
      await assert.rejects(checked(sandbox, invoker), { code: "ERR_SERVER_UNSUPPORTED", message: /security_invoker/ });
    }));

  test(`a check that fails is a failure of the property name, and no error (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      setDatabaseUrl(sandbox.deployerUrl);
      assert.deepEqual(await check({}, items), { inputs: items });
      const { failures } = await check({}, { ...items, schema: "elsewhere" });
      assert.equal(failures?.[0]?.property, "name");
      assert.match(failures?.[0]?.reason ?? "", /ERR_CONFIGURATION/);
      setDatabaseUrl("postgresql://nobody:geheim@127.0.0.1:1/none");
      const [unreachable] = (await check({}, items)).failures ?? [];
      assert.match(unreachable?.reason ?? "", /ERR_CONNECTION/);
      assert.doesNotMatch(unreachable?.reason ?? "", /geheim/);
    }));

  test(`a preview without CREATE is content where there is nothing to do (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      await make(sandbox, items);
      await sandbox.query(`revoke create on schema app from ${sandbox.role("deployer")}`);
      await checked(sandbox, items);
    }));
}

test("arguments that cannot be meant are refused with what is allowed", async () => {
  const wrong: readonly Partial<ViewInputs>[] = [
    { name: "" },
    { name: "é".repeat(32) },
    { query: " " },
    { lockTimeoutMs: 0 },
    { lockTimeoutMs: 60_001 },
    { lockDeadlineMinutes: 0 },
    { options: { fillfactor: "70" } },
    { options: { security_barrier: "maybe" } },
    { options: { check_option: "true" } },
    { options: { toString: true } as unknown as Record<string, boolean> },
  ];
  await withViewSandbox(18, async (sandbox) => {
    for (const part of wrong) {
      await assert.rejects(
        checked(sandbox, { ...items, ...part }),
        { code: "ERR_CONFIGURATION" },
        JSON.stringify(part),
      );
    }
  });
});
