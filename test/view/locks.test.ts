import assert from "node:assert/strict";
import { test } from "node:test";
import { ensureView } from "../../components/view/ensure";
import { deleteView } from "../../components/view/drop";
import { testedMajors } from "../support/database";
import { eventually } from "../support/eventually";
import { items, make, type Place, withPlace } from "./place";

/** Reads the view and keeps its transaction open. */
async function longReader(place: Place) {
  const session = await place.session();
  await session.query("begin");
  await session.query("select * from app.labels");
  return session;
}

for (const major of testedMajors) {
  test(`PostgreSQL ${major}: a long reader of the view holds up nobody else, and the change follows when it is done`, () =>
    withPlace(major, async (place) => {
      const state = await make(place, items);
      const reader = await longReader(place);
      const said: string[] = [];
      const changed = { ...items, query: `${items.query} having count(*) > 1`, lockTimeoutMs: 50 };
      const work = ensureView(place.deployerUrl, changed, state.owner, (line) => said.push(line));

      const line = await eventually("it says what it waits for", () => said[0], work);
      assert.match(line, /making view app\.labels: waiting for pid \d+/);
      // It let go: a newcomer would otherwise wait behind it for as long as the reader stays.
      const newcomer = await place.session();
      await newcomer.query("set lock_timeout = '5s'");
      assert.equal((await newcomer.query("select * from app.labels")).rowCount, 2);

      await reader.query("commit");
      await work;
      assert.equal((await newcomer.query("select * from app.labels")).rowCount, 1);
    }));

  test(`PostgreSQL ${major}: after the deadline it gives up, says for whom it waited, and has changed nothing`, () =>
    withPlace(major, async (place) => {
      const state = await make(place, items);
      const reader = await longReader(place);
      const pid = (await reader.query("select pg_backend_pid() as pid")).rows[0].pid;
      const hurried = { ...items, query: "select id from app.items", lockTimeoutMs: 20, lockDeadlineMinutes: 0.001 };
      const refusal = { code: "ERR_LOCK_DEADLINE", message: new RegExp(`pid ${pid}`) };
      await assert.rejects(make(place, hurried, state), refusal);
      await assert.rejects(
        deleteView(place.deployerUrl, { ...state, ...hurried }, () => undefined),
        refusal,
      );
      await reader.query("commit");
      assert.equal((await place.query("select * from app.labels")).length, 2);
    }));
}
