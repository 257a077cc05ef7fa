import assert from "node:assert/strict";
import { test } from "node:test";
import { difference } from "../../components/view/difference";
import type { ViewState } from "../../components/view/spec";
import { testedMajors } from "../support/database";
import { items, login, make, type Place, refresh, reloptions, shows, withPlace } from "./place";

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

async function byHand(place: Place, sql: string): Promise<void> {
  const other = await login(place, "other");
  // So that the deployer may take back what it is given.
  await place.query(`grant ${other} to ${place.role("deployer")}`);
  await place.query(sql.replaceAll("$other", other));
}

for (const major of testedMajors) {
  for (const [what, sql] of Object.entries(changes)) {
    // Only an automatically updatable view can have a check option.
    const spec = sql.includes("check_option") ? { ...items, query: "select label, id from app.items" } : items;

    test(`PostgreSQL ${major}: ${what} by hand shows without refresh, and up puts it right`, () =>
      withPlace(major, async (place) => {
        const state = await make(place, spec);
        await byHand(place, sql);
        assert.equal(await shows(place, state, spec), true);
        const next = await make(place, spec, state);
        assert.deepEqual(next, state);
        assert.equal(await shows(place, next, spec), false);
        assert.deepEqual(await reloptions(place, "app.labels"), ["security_barrier=true"]);
      }));

    test(`PostgreSQL ${major}: after one or two refreshes, ${what} still shows, and up puts it right`, () =>
      withPlace(major, async (place) => {
        const state = await make(place, spec);
        await byHand(place, sql);
        const once = await refresh(place, state);
        if (sql.startsWith("drop")) return assert.equal(once.id, "");
        assert.equal(once.id, "app.labels");
        assert.equal(await shows(place, once.props as ViewState, spec), true);
        const twice = await refresh(place, once.props as ViewState);
        assert.deepEqual(twice, once);
        assert.equal(await shows(place, twice.props as ViewState, spec), true);
        const next = await make(place, spec, twice.props as ViewState);
        assert.deepEqual(next, state);
        assert.deepEqual((await refresh(place, next)).props, state);
      }));
  }

  test(`PostgreSQL ${major}: a refresh of an unchanged view changes nothing`, () =>
    withPlace(major, async (place) => {
      const reader = await login(place, "reader");
      const spec = { ...items, readers: [reader] };
      const state = await make(place, spec);
      await place.query(`grant select on app.labels to ${reader}`);
      const { id, props, inputs } = await refresh(place, state);
      assert.deepEqual([id, props, inputs], ["app.labels", state, undefined]);
      assert.equal(await shows(place, props as ViewState, spec), false);
    }));

  test(`PostgreSQL ${major}: a refresh hands back what the view is now, so that preview shows it against the declaration`, () =>
    withPlace(major, async (place) => {
      const state = await make(place, items);
      await place.query(changes["another definition"]!);
      await place.query(changes["an option taken away"]!);
      const { inputs } = await refresh(place, state);
      assert.match(inputs.query, /FROM app\.items/);
      assert.deepEqual(inputs.options, {});
      assert.equal("definition" in inputs, false);
    }));

  test(`PostgreSQL ${major}: a change that was undone by hand is forgotten by the next refresh`, () =>
    withPlace(major, async (place) => {
      const state = await make(place, items);
      await place.query(changes["an option taken away"]!);
      const { props } = await refresh(place, state);
      assert.deepEqual(props.drift, ["option security_barrier is not set, declared true"]);
      await place.query("alter view app.labels set (security_barrier)");
      const back = await refresh(place, props as ViewState);
      assert.deepEqual(back.props, state);
      assert.deepEqual(back.inputs, { ...items, qualifiedName: "app.labels" });
      assert.equal(await shows(place, back.props as ViewState, items), false);
    }));

  test(`PostgreSQL ${major}: spellings of the same option, and options that are off, are no drift`, () =>
    withPlace(major, async (place) => {
      const state = await make(place, items);
      await place.query("alter view app.labels set (security_barrier = ON)");
      assert.equal(await shows(place, state, items), false);
      if (major < 15) return;
      assert.equal(
        await shows(place, state, { ...items, options: { ...items.options, security_invoker: false } }),
        false,
      );
    }));

  test(`PostgreSQL ${major}: another search path of database and role is no drift`, () =>
    withPlace(major, async (place) => {
      const state = await make(place, items);
      await place.query(`alter role ${place.role("deployer")} set search_path = app, public`);
      assert.equal(await shows(place, state, items), false);
    }));

  test(`PostgreSQL ${major}: a definition that another major printed is recorded anew, once`, () =>
    withPlace(major, async (place) => {
      const state = await make(place, items);
      const older = { ...state, printedBy: 13, definition: "as 13 printed it" };
      assert.equal(await shows(place, older, items), true);
      assert.deepEqual(await make(place, items, older), state);
    }));

  test(`PostgreSQL ${major}: another name or schema is another view`, () =>
    withPlace(major, async (place) => {
      const state = await make(place, items);
      const answer = await difference(
        place.deployerUrl,
        state,
        { ...items, name: "others", schema: "elsewhere" },
        () => undefined,
      );
      assert.deepEqual(answer, { changes: true, replaces: ["schema", "name"] });
    }));

  test(`PostgreSQL ${major}: the reason of a diff is said, without a word of the definition`, () =>
    withPlace(major, async (place) => {
      const state = await make(place, items);
      await place.query(changes["another definition"]!);
      const lines: string[] = [];
      await difference(place.deployerUrl, state, items, (line) => lines.push(line));
      assert.deepEqual(lines, ["its definition was changed"]);
    }));
}
