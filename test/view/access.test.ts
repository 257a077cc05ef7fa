import assert from "node:assert/strict";
import { test } from "node:test";
import { difference } from "../../components/view/difference";
import { testedMajors } from "../support/database";
import { holds, items, login, make, type Place, refresh, shows, withPlace } from "./place";

const all = "select, insert, update, delete, truncate, references, trigger";

/** Everyone but the owner that holds anything on the view, as the information schema tells it to a superuser. */
async function grantees(place: Place): Promise<string[]> {
  const rows = await place.query<{ who: string }>(
    `select distinct grantee || ' ' || privilege_type || ' ' || is_grantable as who from information_schema.table_privileges
      where table_schema = 'app' and table_name = 'labels' and grantee <> $1 order by 1`,
    [place.role("deployer")],
  );
  return rows.map((row) => row.who);
}

for (const major of testedMajors) {
  test(`PostgreSQL ${major}: what default privileges give to web roles is taken away before anybody sees the view`, () =>
    withPlace(major, async (place) => {
      const [anon, authenticated] = [await login(place, "anon"), await login(place, "authenticated")];
      await place.query(`alter default privileges for role ${place.role("deployer")} in schema app
        grant all on tables to ${anon}, ${authenticated}`);
      await place.query(`alter default privileges for role ${place.role("deployer")} grant select on tables to public`);
      // What a new view gets here, as the control of this test.
      await place.query(`set role ${place.role("deployer")}; create view app.control as select 1 as one; reset role`);
      assert.equal(await holds(place, anon, "app.control", all), true);

      const state = await make(place, items);

      assert.deepEqual(await grantees(place), []);
      for (const role of [anon, authenticated]) assert.equal(await holds(place, role, "app.labels", all), false);
      assert.equal(await shows(place, state), false);
      // Dropping and creating it again gives default privileges a second chance.
      await make(place, { ...items, query: "select id from app.items" }, state);
      assert.deepEqual(await grantees(place), []);
    }));

  for (const grant of [
    "grant select on app.labels to stranger",
    "grant select (label) on app.labels to stranger",
    "grant select on app.labels to public",
    "grant insert on app.labels to reader",
    "grant update (label) on app.labels to reader",
    "grant select on app.labels to reader with grant option",
  ]) {
    test(`PostgreSQL ${major}: a later "${grant}" shows in preview, and up takes it away`, () =>
      withPlace(major, async (place) => {
        const [reader, stranger] = [await login(place, "reader"), await login(place, "stranger")];
        const spec = { ...items, readers: [reader] };
        const state = await make(place, spec);
        await place.query(`grant select on app.labels to ${reader}`);
        assert.equal(await shows(place, state, spec), false, "a declared reader's SELECT is no drift");

        await place.query(grant.replace(/stranger/, stranger).replace(/to reader/, `to ${reader}`));
        assert.equal(await shows(place, state, spec), true);
        assert.equal(await shows(place, await make(place, spec, state), spec), false);

        assert.deepEqual(await grantees(place), [`${reader} SELECT NO`]);
        const columns = await place.query(
          "select attacl from pg_attribute where attrelid = 'app.labels'::regclass and attacl is not null",
        );
        assert.deepEqual(
          columns.filter((column) => String(column["attacl"]) !== "{}"),
          [],
        );
      }));
  }

  test(`PostgreSQL ${major}: what was passed on is taken away too, and a reader's own SELECT outlives its giver`, () =>
    withPlace(major, async (place) => {
      const [giver, taker, reader] = [
        await login(place, "giver"),
        await login(place, "taker"),
        await login(place, "reader"),
      ];
      const spec = { ...items, readers: [reader] };
      const state = await make(place, spec);
      await place.query(`grant all on app.labels to ${giver} with grant option;
        set role ${giver}; grant select on app.labels to ${taker}, ${reader}; reset role`);
      await make(place, spec, state);
      assert.deepEqual(await grantees(place), [`${reader} SELECT NO`]);
    }));

  test(`PostgreSQL ${major}: a role that is no reader any more loses its SELECT, and the others keep theirs`, () =>
    withPlace(major, async (place) => {
      const [stays, goes] = [await login(place, "stays"), await login(place, "goes")];
      const state = await make(place, { ...items, readers: [stays, goes] });
      await place.query(`grant select on app.labels to ${stays}, ${goes}`);
      const fewer = { ...items, readers: [stays] };
      assert.equal(await shows(place, state, { ...items, readers: [goes, stays] }), false, "order is no change");
      assert.equal(await shows(place, state, fewer), true);
      await make(place, fewer, state);
      assert.deepEqual(await grantees(place), [`${stays} SELECT NO`]);
    }));

  test(`PostgreSQL ${major}: readers hold SELECT from the start, and a plugin that revokes and grants it again is no drift`, () =>
    withPlace(major, async (place) => {
      const reader = await login(place, "reader");
      const spec = { ...items, readers: [reader] };
      const state = await make(place, spec);
      assert.deepEqual(await grantees(place), [`${reader} SELECT NO`]);
      // As @pulumi/postgresql's Grant does it.
      await place.query(`set role ${place.role("deployer")}; begin;
        revoke all privileges on table app.labels from ${reader}; grant select on table app.labels to ${reader};
        commit; reset role`);
      assert.equal(await shows(place, state, spec), false);
    }));

  test(`PostgreSQL ${major}: a reader that the same run made, and that somebody dropped, is named by preview and by up`, () =>
    withPlace(major, async (place) => {
      const reader = await login(place, "made");
      const spec = { ...items, readers: [reader], readersMayBeMissing: true };
      const state = await make(place, spec);
      assert.equal(await shows(place, state, spec), false);
      await place.query(`drop owned by ${reader}; drop role ${reader}`);
      const lines: string[] = [];
      const { changes } = await difference(place.deployerUrl, state, spec, (line) => lines.push(line));
      assert.deepEqual([changes, lines], [true, [`its reader ${reader} is gone from the server`]]);
      await assert.rejects(make(place, spec, state), {
        code: "ERR_CONFIGURATION",
        message: new RegExp(`There is no role ${reader}.*up --refresh`),
      });
      await place.query(`create role ${reader}`);
      assert.deepEqual(await make(place, spec, state), state);
      assert.equal(await holds(place, reader, "app.labels", "select"), true);
    }));

  for (const lost of ["revoke select on app.labels from $reader", "drop view app.labels"]) {
    test(`PostgreSQL ${major}: "${lost}" takes nothing from a reader for good: it shows in preview, and up gives it back`, () =>
      withPlace(major, async (place) => {
        const reader = await login(place, "reader");
        const spec = { ...items, readers: [reader] };
        const state = await make(place, spec);
        await place.query(lost.replace("$reader", reader));
        assert.equal(await shows(place, state, spec), true);
        assert.deepEqual(await make(place, spec, state), state);
        assert.deepEqual(await grantees(place), [`${reader} SELECT NO`]);
        assert.equal(await shows(place, state, spec), false);
      }));
  }

  test(`PostgreSQL ${major}: a view that a refresh found gone is made again with its readers, whose own grants stand in the state`, () =>
    withPlace(major, async (place) => {
      const reader = await login(place, "reader");
      const spec = { ...items, readers: [reader] };
      const state = await make(place, spec);
      await place.query("drop view app.labels");
      assert.equal((await refresh(place, state)).id, "");
      await make(place, spec);
      assert.deepEqual(await grantees(place), [`${reader} SELECT NO`]);
    }));

  test(`PostgreSQL ${major}: a reader that may read a column only shows in preview, and up gives it the view`, () =>
    withPlace(major, async (place) => {
      const reader = await login(place, "reader");
      const spec = { ...items, readers: [reader] };
      const state = await make(place, spec);
      await place.query(`revoke select on app.labels from ${reader}; grant select (label) on app.labels to ${reader}`);
      assert.equal(await shows(place, state, spec), true);
      await make(place, spec, state);
      assert.deepEqual(await grantees(place), [`${reader} SELECT NO`]);
    }));
}
