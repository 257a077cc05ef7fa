import assert from "node:assert/strict";
import { test } from "node:test";
import { deleteView } from "../../components/view/delete";
import { testedMajors } from "../support/database";
import { items, make, silent, withViewSandbox } from "./view-sandbox";

for (const major of testedMajors) {
  test(`deleting drops the view, and a second time does no harm (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const state = await make(sandbox, items);
      await deleteView(sandbox.deployerUrl, state, silent);
      assert.deepEqual(await sandbox.query("select to_regclass('app.labels') as view"), [{ view: null }]);
      await deleteView(sandbox.deployerUrl, state, silent);
    }));

  test(`a view that others depend on stays, and they are named (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const state = await make(sandbox, items);
      await sandbox.query("create view app.upon as select * from app.labels");
      await assert.rejects(deleteView(sandbox.deployerUrl, state, silent), {
        code: "ERR_DEPENDANTS",
        message: /app\.labels cannot be dropped, because others depend on it: view app\.upon\./,
      });
      assert.equal((await sandbox.query("select * from app.upon")).length, 2);
    }));

  test(`another role's view that took the name is left alone, also by a superuser (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const state = await make(sandbox, items);
      await sandbox.query("drop view app.labels; create view app.labels as select id as mine from app.items");
      const lines: string[] = [];
      await deleteView(sandbox.url, state, (line) => lines.push(line));
      assert.equal((await sandbox.query("select mine from app.labels")).length, 3);
      assert.match(lines.join(), /app\.labels belongs to .* by now.* stays/);
    }));

  test(`a table that took the view's name is left alone (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const state = await make(sandbox, items);
      await sandbox.query("drop view app.labels; create table app.labels (id int)");
      await deleteView(sandbox.deployerUrl, state, silent);
      assert.deepEqual(await sandbox.query("select relkind from pg_class where oid = 'app.labels'::regclass"), [
        { relkind: "r" },
      ]);
    }));
}
