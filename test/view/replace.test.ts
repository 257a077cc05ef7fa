import assert from "node:assert/strict";
import { test } from "node:test";
import { WalletVaultError } from "../../components/postgres/errors";
import { testedMajors } from "../support/database";
import { holds, items, login, make, reloptions, shows, withPlace } from "./place";

const renamed = { ...items, query: "select label as name, count(*) as items from app.items group by label" };

for (const major of testedMajors) {
  test(`PostgreSQL ${major}: a changed query replaces the view in place, with its options and its readers' grants`, () =>
    withPlace(major, async (place) => {
      const reader = await login(place, "reader");
      const spec = { ...items, readers: [reader] };
      const state = await make(place, spec);
      await place.query(`grant select on app.labels to ${reader}`);
      const [before] = await place.query("select 'app.labels'::regclass::oid as oid");

      const longer = { ...spec, query: `${spec.query} having count(*) > 1` };
      assert.equal(await shows(place, state, longer), true);
      await make(place, longer, state);

      assert.deepEqual(await place.query("select 'app.labels'::regclass::oid as oid"), [before]);
      assert.equal(await holds(place, reader, "app.labels", "select"), true);
      assert.deepEqual(await reloptions(place, "app.labels"), ["security_barrier=true"]);
      assert.deepEqual(await place.query("select label from app.labels"), [{ label: "b" }]);
    }));

  test(`PostgreSQL ${major}: changed columns make a new view, and readers keep their SELECT`, () =>
    withPlace(major, async (place) => {
      const [one, other, stranger] = [
        await login(place, "one"),
        await login(place, "other"),
        await login(place, "stranger"),
      ];
      const spec = { ...renamed, readers: [one, other] };
      const state = await make(place, { ...items, readers: [one, other] });
      await place.query(`grant select (label) on app.labels to ${stranger}`);

      const next = await make(place, spec, state);

      assert.deepEqual(next.columns, ["name", "items"]);
      for (const reader of [one, other]) assert.equal(await holds(place, reader, "app.labels", "select"), true);
      assert.equal(await holds(place, stranger, "app.labels", "select"), false);
      assert.deepEqual(await reloptions(place, "app.labels"), ["security_barrier=true"]);
      assert.equal(await shows(place, next, spec), false);
      const session = await place.session(place.as(one));
      assert.equal((await session.query("select * from app.labels")).rowCount, 2);
    }));

  test(`PostgreSQL ${major}: where others depend on the view they are named, and nothing is changed`, () =>
    withPlace(major, async (place) => {
      const state = await make(place, items);
      await place.query(`
        create view app.upon as select * from app.labels;
        create materialized view app."Upon That" as select * from app.upon;
        create function app.of_row(app.labels) returns int language sql as 'select 1';
        create table app.keeps (one app.labels, many app.labels[])`);
      await assert.rejects(make(place, renamed, state), (error) => {
        assert.ok(error instanceof WalletVaultError);
        assert.equal(error.code, "ERR_DEPENDANTS");
        for (const name of ["view app.upon", "function app.of_row(app.labels)", "app.keeps.one", "app.keeps.many"]) {
          assert.ok(error.message.includes(name), `${name} in: ${error.message}`);
        }
        // It depends on what depends on the view: not what stands in the way.
        assert.ok(!error.message.includes("Upon That"));
        return true;
      });
      assert.equal(await shows(place, state), false);
    }));

  test(`PostgreSQL ${major}: columns added at the end need no new view, so dependants may stay`, () =>
    withPlace(major, async (place) => {
      const state = await make(place, items);
      await place.query("create view app.upon as select * from app.labels");
      const wider = {
        ...items,
        query: "select label, count(*) as items, max(id) as last from app.items group by label",
      };
      assert.deepEqual((await make(place, wider, state)).columns, ["label", "items", "last"]);
    }));

  test(`PostgreSQL ${major}: a query that PostgreSQL does not accept leaves the view as it was`, () =>
    withPlace(major, async (place) => {
      const state = await make(place, items);
      for (const query of [
        "select nothing from app.items",
        "select 1 as a; drop table app.items",
        "select * from items",
        "selec",
      ]) {
        await assert.rejects(make(place, { ...items, query }, state), { code: "ERR_CONFIGURATION" });
      }
      assert.equal(await shows(place, state), false);
    }));
}
