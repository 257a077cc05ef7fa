import assert from "node:assert/strict";
import { test } from "node:test";
import { difference } from "../../components/view/difference";
import { deleteView } from "../../components/view/drop";
import { refreshed } from "../../components/view/refresh";
import type { ViewSpec } from "../../components/view/spec";
import { testedMajors } from "../support/database";
import { eventually } from "../support/eventually";
import { items, make, type Place, withPlace } from "./place";

/** Keeps the table that the view reads from locked, as a migration or a `vacuum full` does. */
async function locked(place: Place) {
  const session = await place.session();
  await session.query("begin");
  await session.query("lock table app.items in access exclusive mode");
  return session;
}

for (const major of testedMajors) {
  test(`PostgreSQL ${major}: behind a locked table, preview, refresh and destroy say for whom they wait, and go on afterwards`, () =>
    withPlace(major, async (place) => {
      const state = await make(place, { ...items, lockTimeoutMs: 50 });
      const steps = {
        comparing: (report: (line: string) => void) => difference(place.deployerUrl, state, state, report),
        reading: (report: (line: string) => void) => refreshed(place.deployerUrl, "app.labels", state, report),
        dropping: (report: (line: string) => void) => deleteView(place.deployerUrl, state, report),
      };
      for (const [doing, step] of Object.entries(steps)) {
        const session = await locked(place);
        const pid = (await session.query("select pg_backend_pid() as pid")).rows[0].pid;
        const lines: string[] = [];
        const work = step((line) => lines.push(line));
        const line = await eventually("it says what it waits for", () => lines[0]);
        assert.match(line, new RegExp(`^${doing} view app\\.labels: waiting for pid ${pid}$`));
        await session.query("rollback");
        await work;
      }
    }));

  test(`PostgreSQL ${major}: after the deadline, they give up and say who kept the table`, () =>
    withPlace(major, async (place) => {
      const hurried: ViewSpec = { ...items, lockTimeoutMs: 20, lockDeadlineMinutes: 0.001 };
      const state = await make(place, items).then((made) => ({ ...made, ...hurried }));
      const session = await locked(place);
      const refusal = { code: "ERR_LOCK_DEADLINE", message: /waiting for pid \d+/ };
      const silent = () => undefined;
      await assert.rejects(difference(place.deployerUrl, state, state, silent), refusal);
      await assert.rejects(refreshed(place.deployerUrl, "app.labels", state, silent), refusal);
      await assert.rejects(deleteView(place.deployerUrl, state, silent), refusal);
      await session.query("rollback");
    }));
}
