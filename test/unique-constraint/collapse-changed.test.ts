import assert from "node:assert/strict";
import { test } from "node:test";
import type { Database } from "../support/database";
import { eventually } from "../support/eventually";
import { make, onEachMajor, previewFailure } from "./support";

const collapse = { valueColumn: "value", placeholders: [], mayDiffer: [] };
const changes = { table: "t", columns: ["a"], name: "t_key", collapse, lockTimeoutMs: 50 };
const duplicates =
  "create table t (id serial primary key, a int, value text); insert into t (a, value) values (1, 'k'), (1, 'k')";

/** Makes the constraint; a session has the rows when the look is over, and changes the table before they can be had. */
async function makeDuring(database: Database, change: string): Promise<void> {
  await database.query(duplicates);
  const migration = await database.session();
  await migration.query("begin; select from t for update");
  const lines: string[] = [];
  const making = make(database, changes, lines);
  making.catch(() => undefined);
  await eventually("it waits for the rows", () => lines.find((line) => line.includes("waiting for pid")));
  await migration.query(`${change}; commit`);
  await making;
}

for (const [title, change, code] of [
  [
    "a column in which they differ",
    "alter table t add column version int; update t set version = id",
    "ERR_DUPLICATES",
  ],
  [
    "a foreign key that would set others to null",
    "create table u (t int references t on delete set null)",
    "ERR_DEPENDANTS",
  ],
  [
    "a rule that keeps them",
    "create rule r as on delete to t do instead update t set a = a where id = old.id returning old.*",
    "ERR_TABLE_UNSUPPORTED",
  ],
  [
    "another table of its name",
    `alter table t rename to former; ${duplicates.replace("serial", "int default 7").replace("primary key", "").replace("value text", "value text, b float8 default random()")}`,
    "ERR_DUPLICATES",
  ],
] as const) {
  onEachMajor(test, `what comes while the rows are waited for is minded: ${title}`, async (database) => {
    await assert.rejects(makeDuring(database, change), { code });
    assert.equal((await database.query("select from t")).length, 2);
  });
}

onEachMajor(test, "a column that makes no difference is no reason to stop", async (database) => {
  await makeDuring(database, "alter table t add column version int default 3");
  assert.equal((await database.query("select from t where version = 3")).length, 1);
});

for (const [title, rule] of [
  ["does nothing instead", "do instead nothing"],
  [
    "updates instead, and returns the row as a delete does",
    "do instead update t set a = a where id = old.id returning old.*",
  ],
  ["does something as well", "do also notify gone"],
] as const) {
  onEachMajor(
    test,
    `a rule on delete is refused at preview where rows are to be removed: it ${title}`,
    async (database) => {
      await database.query(`${duplicates}; create rule no_delete as on delete to t ${rule}`);
      assert.match((await previewFailure(database, changes)) ?? "", /rule no_delete .*ERR_TABLE_UNSUPPORTED/);
      await assert.rejects(make(database, changes), { code: "ERR_TABLE_UNSUPPORTED" });
      assert.equal((await database.query("select from t")).length, 2);

      await database.query("update t set a = id");
      assert.equal(await previewFailure(database, changes), undefined, "with no duplicates it is nobody's business");
    },
  );
}
