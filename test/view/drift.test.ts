import assert from "node:assert/strict";
import { test } from "node:test";
import { diffView } from "../../components/view/diff";
import type { ViewOutputs } from "../../components/view/args";
import { testedMajors } from "../support/database";
import { items, login, make, refresh, reloptions, shows, type ViewSandbox, withViewSandbox } from "./view-sandbox";

/** What somebody does to the view, by name; `$other` stands for a role. */
const changes: Readonly<Record<string, string>> = {
  "an option taken away": "alter view app.labels reset (security_barrier)",
  "an option added": "alter view app.labels set (check_option = 'local')",
  "another definition":
    "create or replace view app.labels with (security_barrier) as select label, 0::bigint as items from app.items",
  "a column renamed": "alter view app.labels rename column items to things",
  "a column added":
    "create or replace view app.labels with (security_barrier) as select label, count(*) as items, 1 as one from app.items group by label",
  "another owner": "alter view app.labels owner to $other",
  "a grant": "grant select on app.labels to $other",
  "the view dropped": "drop view app.labels",
};

async function byHand(sandbox: ViewSandbox, sql: string): Promise<void> {
  const other = await login(sandbox, "other");
  // So that the deployer may take back what it is given.
  await sandbox.query(`grant ${other} to ${sandbox.role("deployer")}`);
  await sandbox.query(sql.replaceAll("$other", other));
}

for (const major of testedMajors) {
  for (const [what, sql] of Object.entries(changes)) {
    // Only an automatically updatable view can have a check option.
    const inputs = sql.includes("check_option") ? { ...items, query: "select label, id from app.items" } : items;

    test(`${what} by hand shows without refresh, and up puts it right (PostgreSQL ${major})`, () =>
      withViewSandbox(major, async (sandbox) => {
        const state = await make(sandbox, inputs);
        await byHand(sandbox, sql);
        assert.equal(await shows(sandbox, state, inputs), true);
        const next = await make(sandbox, inputs, state);
        assert.deepEqual(next, state);
        assert.equal(await shows(sandbox, next, inputs), false);
        assert.deepEqual(await reloptions(sandbox, "app.labels"), ["security_barrier=true"]);
      }));

    test(`after one or two refreshes, ${what} still shows, and up puts it right (PostgreSQL ${major})`, () =>
      withViewSandbox(major, async (sandbox) => {
        const state = await make(sandbox, inputs);
        await byHand(sandbox, sql);
        const once = await refresh(sandbox, state);
        if (sql.startsWith("drop")) return assert.equal(once.id, "");
        assert.equal(once.id, "app.labels");
        assert.equal(await shows(sandbox, once.props as ViewOutputs, inputs), true);
        const twice = await refresh(sandbox, once.props as ViewOutputs);
        assert.deepEqual(twice, once);
        assert.equal(await shows(sandbox, twice.props as ViewOutputs, inputs), true);
        const next = await make(sandbox, inputs, twice.props as ViewOutputs);
        assert.deepEqual(next, state);
        assert.deepEqual((await refresh(sandbox, next)).props, state);
      }));
  }

  test(`a refresh of an unchanged view changes nothing (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const reader = await login(sandbox, "reader");
      const spec = { ...items, readers: [reader] };
      const state = await make(sandbox, spec);
      await sandbox.query(`grant select on app.labels to ${reader}`);
      const { id, props, inputs } = await refresh(sandbox, state);
      assert.deepEqual([id, props, inputs], ["app.labels", state, undefined]);
      assert.equal(await shows(sandbox, props as ViewOutputs, spec), false);
    }));

  test(`a refresh hands back what the view is now, so that preview shows it against the declaration (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const state = await make(sandbox, items);
      await sandbox.query(changes["another definition"]!);
      await sandbox.query(changes["an option taken away"]!);
      const { inputs } = await refresh(sandbox, state);
      assert.match(inputs.query, /FROM app\.items/);
      assert.deepEqual(inputs.options, {});
      assert.equal("definition" in inputs, false);
    }));

  test(`a change that was undone by hand is forgotten by the next refresh (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const state = await make(sandbox, items);
      await sandbox.query(changes["an option taken away"]!);
      const { props } = await refresh(sandbox, state);
      assert.deepEqual(props.drift, ["option security_barrier is not set, declared true"]);
      await sandbox.query("alter view app.labels set (security_barrier)");
      const back = await refresh(sandbox, props as ViewOutputs);
      assert.deepEqual(back.props, state);
      assert.deepEqual(back.inputs, { ...items, qualifiedName: "app.labels" });
      assert.equal(await shows(sandbox, back.props as ViewOutputs, items), false);
    }));

  test(`spellings of the same option, and options that are off, are no drift (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const state = await make(sandbox, items);
      await sandbox.query("alter view app.labels set (security_barrier = ON)");
      assert.equal(await shows(sandbox, state, items), false);
      if (major < 15) return;
      assert.equal(
        await shows(sandbox, state, { ...items, options: { ...items.options, security_invoker: false } }),
        false,
      );
    }));

  test(`another search path of database and role is no drift (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const state = await make(sandbox, items);
      await sandbox.query(`alter role ${sandbox.role("deployer")} set search_path = app, public`);
      assert.equal(await shows(sandbox, state, items), false);
    }));

  test(`a definition that another major printed is recorded anew, once (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const state = await make(sandbox, items);
      const older = { ...state, printedBy: 13, definition: "as 13 printed it" };
      assert.equal(await shows(sandbox, older, items), true);
      assert.deepEqual(await make(sandbox, items, older), state);
    }));

  test(`another name or schema is another view (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const state = await make(sandbox, items);
      const answer = await diffView(
        sandbox.deployerUrl,
        state,
        { ...items, name: "others", schema: "elsewhere" },
        () => undefined,
      );
      assert.deepEqual(answer, { changes: true, replaces: ["schema", "name"] });
    }));

  test(`the reason of a diff is said, without a word of the definition (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const state = await make(sandbox, items);
      await sandbox.query(changes["another definition"]!);
      const lines: string[] = [];
      await diffView(sandbox.deployerUrl, state, items, (line) => lines.push(line));
      assert.deepEqual(lines, ["its definition was changed"]);
    }));
}
