import assert from "node:assert/strict";
import { test } from "node:test";
import { diffView } from "../../components/view/diff";
import { deleteView } from "../../components/view/delete";
import { readView } from "../../components/view/read";
import type { ViewInputs } from "../../components/view/args";
import { testedMajors } from "../support/database";
import { eventually } from "../support/eventually";
import { items, make, type ViewSandbox, withViewSandbox } from "./view-sandbox";

/** Keeps the table that the view reads from locked, as a migration or a `vacuum full` does. */
async function locked(sandbox: ViewSandbox) {
  const session = await sandbox.session();
  await session.query("begin");
  await session.query("lock table app.items in access exclusive mode");
  return session;
}

for (const major of testedMajors) {
  test(`behind a locked table, preview, refresh and destroy say for whom they wait, and go on afterwards (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const state = await make(sandbox, { ...items, lockTimeoutMs: 50 });
      const steps = {
        comparing: (report: (line: string) => void) => diffView(sandbox.deployerUrl, state, state, report),
        reading: (report: (line: string) => void) => readView(sandbox.deployerUrl, "app.labels", state, report),
        dropping: (report: (line: string) => void) => deleteView(sandbox.deployerUrl, state, report),
      };
      for (const [doing, step] of Object.entries(steps)) {
        const session = await locked(sandbox);
        const pid = (await session.query("select pg_backend_pid() as pid")).rows[0].pid;
        const lines: string[] = [];
        const work = step((line) => lines.push(line));
        const line = await eventually("it says what it waits for", () => lines[0]);
        assert.match(
          line,
          new RegExp(
            `^${doing} view app\\.labels: waiting for pid ${pid}; tries again for \\d+ minutes?; commit there, or end it: select pg_terminate_backend\\(${pid}\\)$`,
          ),
        );
        await session.query("rollback");
        await work;
      }
    }));

  test(`after the deadline, they give up and say who kept the table (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const hurried: ViewInputs = { ...items, lockTimeoutMs: 20, lockDeadlineMinutes: 0.001 };
      const state = await make(sandbox, items).then((made) => ({ ...made, ...hurried }));
      const session = await locked(sandbox);
      const refusal = { code: "ERR_LOCK_DEADLINE", message: /waiting for pid \d+/ };
      const silent = () => undefined;
      await assert.rejects(diffView(sandbox.deployerUrl, state, state, silent), refusal);
      await assert.rejects(readView(sandbox.deployerUrl, "app.labels", state, silent), refusal);
      await assert.rejects(deleteView(sandbox.deployerUrl, state, silent), refusal);
      await session.query("rollback");
    }));
}
