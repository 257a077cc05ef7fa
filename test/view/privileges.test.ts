import assert from "node:assert/strict";
import { test } from "node:test";
import { diffView } from "../../components/view/diff";
import { testedMajors } from "../support/database";
import { holds, items, login, make, refresh, shows, type ViewSandbox, withViewSandbox } from "./view-sandbox";

const all = "select, insert, update, delete, truncate, references, trigger";

/** Everyone but the owner that holds anything on the view, as the information schema tells it to a superuser. */
async function grantees(sandbox: ViewSandbox): Promise<string[]> {
  const rows = await sandbox.query<{ who: string }>(
    `select distinct grantee || ' ' || privilege_type || ' ' || is_grantable as who from information_schema.table_privileges
      where table_schema = 'app' and table_name = 'labels' and grantee <> $1 order by 1`,
    [sandbox.role("deployer")],
  );
  return rows.map((row) => row.who);
}

for (const major of testedMajors) {
  test(`what default privileges give to web roles is taken away before anybody sees the view (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const [anon, authenticated] = [await login(sandbox, "anon"), await login(sandbox, "authenticated")];
      await sandbox.query(`alter default privileges for role ${sandbox.role("deployer")} in schema app
        grant all on tables to ${anon}, ${authenticated}`);
      await sandbox.query(
        `alter default privileges for role ${sandbox.role("deployer")} grant select on tables to public`,
      );
      // What a new view gets here, as the control of this test.
      await sandbox.query(
        `set role ${sandbox.role("deployer")}; create view app.control as select 1 as one; reset role`,
      );
      assert.equal(await holds(sandbox, anon, "app.control", all), true);

      const state = await make(sandbox, items);

      assert.deepEqual(await grantees(sandbox), []);
      for (const role of [anon, authenticated]) assert.equal(await holds(sandbox, role, "app.labels", all), false);
      assert.equal(await shows(sandbox, state), false);
      // Dropping and creating it again gives default privileges a second chance.
      await make(sandbox, { ...items, query: "select id from app.items" }, state);
      assert.deepEqual(await grantees(sandbox), []);
    }));

  for (const grant of [
    "grant select on app.labels to stranger",
    "grant select (label) on app.labels to stranger",
    "grant select on app.labels to public",
    "grant insert on app.labels to reader",
    "grant update (label) on app.labels to reader",
    "grant select on app.labels to reader with grant option",
  ]) {
    test(`a later "${grant}" shows in preview, and up takes it away (PostgreSQL ${major})`, () =>
      withViewSandbox(major, async (sandbox) => {
        const [reader, stranger] = [await login(sandbox, "reader"), await login(sandbox, "stranger")];
        const spec = { ...items, readers: [reader] };
        const state = await make(sandbox, spec);
        await sandbox.query(`grant select on app.labels to ${reader}`);
        assert.equal(await shows(sandbox, state, spec), false, "a declared reader's SELECT is no drift");

        await sandbox.query(grant.replace(/stranger/, stranger).replace(/to reader/, `to ${reader}`));
        assert.equal(await shows(sandbox, state, spec), true);
        assert.equal(await shows(sandbox, await make(sandbox, spec, state), spec), false);

        assert.deepEqual(await grantees(sandbox), [`${reader} SELECT NO`]);
        const columns = await sandbox.query(
          "select attacl from pg_attribute where attrelid = 'app.labels'::regclass and attacl is not null",
        );
        assert.deepEqual(
          columns.filter((column) => String(column["attacl"]) !== "{}"),
          [],
        );
      }));
  }

  test(`what was passed on is taken away too, and a reader's own SELECT outlives its giver (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const [giver, taker, reader] = [
        await login(sandbox, "giver"),
        await login(sandbox, "taker"),
        await login(sandbox, "reader"),
      ];
      const spec = { ...items, readers: [reader] };
      const state = await make(sandbox, spec);
      await sandbox.query(`grant all on app.labels to ${giver} with grant option;
        set role ${giver}; grant select on app.labels to ${taker}, ${reader}; reset role`);
      await make(sandbox, spec, state);
      assert.deepEqual(await grantees(sandbox), [`${reader} SELECT NO`]);
    }));

  test(`a role that is no reader any more loses its SELECT, and the others keep theirs (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const [stays, goes] = [await login(sandbox, "stays"), await login(sandbox, "goes")];
      const state = await make(sandbox, { ...items, readers: [stays, goes] });
      await sandbox.query(`grant select on app.labels to ${stays}, ${goes}`);
      const fewer = { ...items, readers: [stays] };
      assert.equal(await shows(sandbox, state, { ...items, readers: [goes, stays] }), false, "order is no change");
      assert.equal(await shows(sandbox, state, fewer), true);
      await make(sandbox, fewer, state);
      assert.deepEqual(await grantees(sandbox), [`${stays} SELECT NO`]);
    }));

  test(`readers hold SELECT from the start, and a plugin that revokes and grants it again is no drift (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const reader = await login(sandbox, "reader");
      const spec = { ...items, readers: [reader] };
      const state = await make(sandbox, spec);
      assert.deepEqual(await grantees(sandbox), [`${reader} SELECT NO`]);
      // As @pulumi/postgresql's Grant does it.
      await sandbox.query(`set role ${sandbox.role("deployer")}; begin;
        revoke all privileges on table app.labels from ${reader}; grant select on table app.labels to ${reader};
        commit; reset role`);
      assert.equal(await shows(sandbox, state, spec), false);
    }));

  test(`a reader that the same run made, and that somebody dropped, is named by preview and by up (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const reader = await login(sandbox, "made");
      const spec = { ...items, readers: [reader], readersMayBeMissing: true };
      const state = await make(sandbox, spec);
      assert.equal(await shows(sandbox, state, spec), false);
      await sandbox.query(`drop owned by ${reader}; drop role ${reader}`);
      const lines: string[] = [];
      const { changes } = await diffView(sandbox.deployerUrl, state, spec, (line) => lines.push(line));
      assert.deepEqual([changes, lines], [true, [`its reader ${reader} is gone from the server`]]);
      await assert.rejects(make(sandbox, spec, state), {
        code: "ERR_CONFIGURATION",
        message: new RegExp(`There is no role ${reader}.*up --refresh`),
      });
      await sandbox.query(`create role ${reader}`);
      assert.deepEqual(await make(sandbox, spec, state), state);
      assert.equal(await holds(sandbox, reader, "app.labels", "select"), true);
    }));

  for (const lost of ["revoke select on app.labels from $reader", "drop view app.labels"]) {
    test(`"${lost}" takes nothing from a reader for good: it shows in preview, and up gives it back (PostgreSQL ${major})`, () =>
      withViewSandbox(major, async (sandbox) => {
        const reader = await login(sandbox, "reader");
        const spec = { ...items, readers: [reader] };
        const state = await make(sandbox, spec);
        await sandbox.query(lost.replace("$reader", reader));
        assert.equal(await shows(sandbox, state, spec), true);
        assert.deepEqual(await make(sandbox, spec, state), state);
        assert.deepEqual(await grantees(sandbox), [`${reader} SELECT NO`]);
        assert.equal(await shows(sandbox, state, spec), false);
      }));
  }

  test(`a view that a refresh found gone is made again with its readers, whose own grants stand in the state (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const reader = await login(sandbox, "reader");
      const spec = { ...items, readers: [reader] };
      const state = await make(sandbox, spec);
      await sandbox.query("drop view app.labels");
      assert.equal((await refresh(sandbox, state)).id, "");
      await make(sandbox, spec);
      assert.deepEqual(await grantees(sandbox), [`${reader} SELECT NO`]);
    }));

  test(`a reader that may read a column only shows in preview, and up gives it the view (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const reader = await login(sandbox, "reader");
      const spec = { ...items, readers: [reader] };
      const state = await make(sandbox, spec);
      await sandbox.query(
        `revoke select on app.labels from ${reader}; grant select (label) on app.labels to ${reader}`,
      );
      assert.equal(await shows(sandbox, state, spec), true);
      await make(sandbox, spec, state);
      assert.deepEqual(await grantees(sandbox), [`${reader} SELECT NO`]);
    }));
}
