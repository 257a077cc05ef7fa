import assert from "node:assert/strict";
import { test } from "node:test";
import { testedMajors } from "../support/database";
import { items, make, reloptions, shows, withViewSandbox } from "./view-sandbox";

for (const major of testedMajors) {
  test(`a view that is missing is created with its options, and preview is content (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const state = await make(sandbox, items);
      assert.equal(state.qualifiedName, "app.labels");
      assert.deepEqual(state.columns, ["label", "items"]);
      assert.equal(state.owner, sandbox.role("deployer"));
      const views = await sandbox.query("select viewname, viewowner from pg_views where schemaname = 'app'");
      assert.deepEqual(views, [{ viewname: "labels", viewowner: sandbox.role("deployer") }]);
      assert.deepEqual(await reloptions(sandbox, "app.labels"), ["security_barrier=true"]);
      assert.deepEqual(await sandbox.query("select * from app.labels order by 1"), [
        { label: "a", items: "1" },
        { label: "b", items: "2" },
      ]);
      assert.equal(await shows(sandbox, state, items), false);
    }));

  test(`a second run does no harm, whether or not the first one is remembered (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const first = await make(sandbox, items);
      const [oid] = await sandbox.query("select 'app.labels'::regclass::oid as oid");
      assert.deepEqual(await make(sandbox, items, first), first);
      assert.deepEqual(await make(sandbox, items), first);
      assert.deepEqual(await sandbox.query("select 'app.labels'::regclass::oid as oid"), [oid]);
    }));

  test(`a view of another query that is there already is replaced (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      await sandbox.query(`set role ${sandbox.role("deployer")};
        create view app.labels as select label, id::bigint as items from app.items; reset role`);
      await make(sandbox, items);
      const rows = await sandbox.query("select label from app.labels order by 1");
      assert.deepEqual(rows, [{ label: "a" }, { label: "b" }]);
    }));

  test(`names with capitals, spaces and quotes simply work (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const reader = `Reader "R" ${sandbox.name}`;
      const stranger = `Stranger's ${sandbox.name}`;
      await sandbox.query(`create schema "My ""App"""; alter schema "My ""App""" owner to ${sandbox.role("deployer")};
        create role "${reader.replaceAll('"', '""')}"; create role "${stranger}"`);
      const odd = { ...items, schema: 'My "App"', name: "It's a View", readers: [reader] };
      const state = await make(sandbox, odd);
      assert.equal(await shows(sandbox, state, odd), false);
      const view = `"My ""App"""."It's a View"`;
      await sandbox.query(`grant all on ${view} to "${reader.replaceAll('"', '""')}", "${stranger}"`);
      assert.equal(await shows(sandbox, state, odd), true);
      await make(sandbox, odd, state);
      const held = await sandbox.query(
        `select has_table_privilege($1, $3, 'select') as may_read, has_table_privilege($1, $3, 'update') as may_write,
                has_table_privilege($2, $3, 'select') as stranger`,
        [reader, stranger, view],
      );
      assert.deepEqual(held, [{ may_read: true, may_write: false, stranger: false }]);
    }));

  test(`ten that create the same view at once all end well (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const states = await Promise.all(Array.from({ length: 10 }, () => make(sandbox, items)));
      for (const state of states) assert.deepEqual(state, states[0]);
      assert.equal(await shows(sandbox, states[0]!), false);
    }));

  test(`two versions made at once leave one of them, whole (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const wider = { ...items, query: "select id, label, hidden is null as empty from app.items", options: {} };
      await Promise.all([items, wider, items, wider, items, wider].map((spec) => make(sandbox, spec)));
      const columns = (
        await sandbox.query<{ name: string }>(
          "select attname as name from pg_attribute where attrelid = 'app.labels'::regclass and attnum > 0 order by attnum",
        )
      ).map((column) => column.name);
      const options = await reloptions(sandbox, "app.labels");
      if (columns.length === 2) assert.deepEqual(options, ["security_barrier=true"]);
      else assert.deepEqual([columns, options], [["id", "label", "empty"], null]);
    }));
}
