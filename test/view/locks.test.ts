import assert from "node:assert/strict";
import { test } from "node:test";
import { applyView } from "../../components/view/apply";
import { deleteView } from "../../components/view/delete";
import { testedMajors } from "../support/database";
import { eventually } from "../support/eventually";
import { items, make, type ViewSandbox, withViewSandbox } from "./view-sandbox";

/** Reads the view and keeps its transaction open. */
async function longReader(sandbox: ViewSandbox) {
  const session = await sandbox.session();
  await session.query("begin");
  await session.query("select * from app.labels");
  return session;
}

for (const major of testedMajors) {
  test(`a long reader of the view holds up nobody else, and the change follows when it is done (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const state = await make(sandbox, items);
      const reader = await longReader(sandbox);
      const said: string[] = [];
      const changed = { ...items, query: `${items.query} having count(*) > 1`, lockTimeoutMs: 50 };
      const work = applyView(sandbox.deployerUrl, changed, state.owner, (line) => said.push(line));

      const line = await eventually("it says what it waits for", () => said[0], work);
      assert.match(line, /making view app\.labels: waiting for pid \d+/);
      // It let go: a newcomer would otherwise wait behind it for as long as the reader stays.
      const newcomer = await sandbox.session();
      await newcomer.query("set lock_timeout = '5s'");
      assert.equal((await newcomer.query("select * from app.labels")).rowCount, 2);

      await reader.query("commit");
      await work;
      assert.equal((await newcomer.query("select * from app.labels")).rowCount, 1);
    }));

  test(`after the deadline it gives up, says for whom it waited, and has changed nothing (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const state = await make(sandbox, items);
      const reader = await longReader(sandbox);
      const pid = (await reader.query("select pg_backend_pid() as pid")).rows[0].pid;
      const hurried = { ...items, query: "select id from app.items", lockTimeoutMs: 20, lockDeadlineMinutes: 0.001 };
      const refusal = { code: "ERR_LOCK_DEADLINE", message: new RegExp(`pid ${pid}`) };
      await assert.rejects(make(sandbox, hurried, state), refusal);
      await assert.rejects(
        deleteView(sandbox.deployerUrl, { ...state, ...hurried }, () => undefined),
        refusal,
      );
      await reader.query("commit");
      assert.equal((await sandbox.query("select * from app.labels")).length, 2);
    }));
}
