import assert from "node:assert/strict";
import { test } from "node:test";
import { WalletVaultError } from "../../components/postgres/errors";
import { testedMajors } from "../support/database";
import { holds, items, login, make, reloptions, shows, withViewSandbox } from "./view-sandbox";

const renamed = { ...items, query: "select label as name, count(*) as items from app.items group by label" };

for (const major of testedMajors) {
  test(`a changed query replaces the view in place, with its options and its readers' grants (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const reader = await login(sandbox, "reader");
      const spec = { ...items, readers: [reader] };
      const state = await make(sandbox, spec);
      await sandbox.query(`grant select on app.labels to ${reader}`);
      const [before] = await sandbox.query("select 'app.labels'::regclass::oid as oid");

      const longer = { ...spec, query: `${spec.query} having count(*) > 1` };
      assert.equal(await shows(sandbox, state, longer), true);
      await make(sandbox, longer, state);

      assert.deepEqual(await sandbox.query("select 'app.labels'::regclass::oid as oid"), [before]);
      assert.equal(await holds(sandbox, reader, "app.labels", "select"), true);
      assert.deepEqual(await reloptions(sandbox, "app.labels"), ["security_barrier=true"]);
      assert.deepEqual(await sandbox.query("select label from app.labels"), [{ label: "b" }]);
    }));

  test(`changed columns make a new view, and readers keep their SELECT (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const [one, other, stranger] = [
        await login(sandbox, "one"),
        await login(sandbox, "other"),
        await login(sandbox, "stranger"),
      ];
      const spec = { ...renamed, readers: [one, other] };
      const state = await make(sandbox, { ...items, readers: [one, other] });
      await sandbox.query(`grant select (label) on app.labels to ${stranger}`);

      const next = await make(sandbox, spec, state);

      assert.deepEqual(next.columns, ["name", "items"]);
      for (const reader of [one, other]) assert.equal(await holds(sandbox, reader, "app.labels", "select"), true);
      assert.equal(await holds(sandbox, stranger, "app.labels", "select"), false);
      assert.deepEqual(await reloptions(sandbox, "app.labels"), ["security_barrier=true"]);
      assert.equal(await shows(sandbox, next, spec), false);
      const session = await sandbox.session(sandbox.as(one));
      assert.equal((await session.query("select * from app.labels")).rowCount, 2);
    }));

  test(`where others depend on the view they are named, and nothing is changed (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const state = await make(sandbox, items);
      await sandbox.query(`
        create view app.upon as select * from app.labels;
        create materialized view app."Upon That" as select * from app.upon;
        create function app.of_row(app.labels) returns int language sql as 'select 1';
        create table app.keeps (one app.labels, many app.labels[])`);
      await assert.rejects(make(sandbox, renamed, state), (error) => {
        assert.ok(error instanceof WalletVaultError);
        assert.equal(error.code, "ERR_DEPENDANTS");
        for (const name of ["view app.upon", "function app.of_row(app.labels)", "app.keeps.one", "app.keeps.many"]) {
          assert.ok(error.message.includes(name), `${name} in: ${error.message}`);
        }
        // It depends on what depends on the view: not what stands in the way.
        assert.ok(!error.message.includes("Upon That"));
        return true;
      });
      assert.equal(await shows(sandbox, state), false);
    }));

  test(`columns added at the end need no new view, so dependants may stay (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const state = await make(sandbox, items);
      await sandbox.query("create view app.upon as select * from app.labels");
      const wider = {
        ...items,
        query: "select label, count(*) as items, max(id) as last from app.items group by label",
      };
      assert.deepEqual((await make(sandbox, wider, state)).columns, ["label", "items", "last"]);
    }));

  test(`a query that PostgreSQL does not accept leaves the view as it was (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const state = await make(sandbox, items);
      for (const query of [
        "select nothing from app.items",
        "select 1 as a; drop table app.items",
        "select * from items",
        "selec",
      ]) {
        await assert.rejects(make(sandbox, { ...items, query }, state), { code: "ERR_CONFIGURATION" });
      }
      assert.equal(await shows(sandbox, state), false);
    }));
}
