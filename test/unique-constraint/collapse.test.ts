import assert from "node:assert/strict";
import { test } from "node:test";
import { collapse, key, left, put } from "./duplicate-rows";
import { credential, done, make, onEachMajor, previewFailure, uniqueIndexes } from "./support";

for (const [title, rows, stays] of [
  [
    "an empty row goes, the key stays, though it is younger",
    [
      ["empty", "", 1],
      ["key", key, 2],
    ],
    "key",
  ],
  [
    "white space only, also of the wider kind, is no key",
    [
      ["blank", " \t\u00a0\u3000", 1],
      ["key", key, 2],
    ],
    "key",
  ],
  [
    "a listed placeholder is no key",
    [
      ["listed", "MIGRATION_REQUIRED", 1],
      ["key", key, 2],
    ],
    "key",
  ],
  [
    "of placeholders only, the oldest stays",
    [
      ["new", "", 3],
      ["old", "MIGRATION_REQUIRED", 1],
      ["mid", " ", 2],
    ],
    "old",
  ],
  [
    "of identical copies, the oldest stays",
    [
      ["new", key, 3],
      ["old", key, 1],
      ["mid", key, 2],
    ],
    "old",
  ],
  [
    "copies and placeholders go together",
    [
      ["empty", "", 1],
      ["copy", key, 3],
      ["key", key, 2],
      ["listed", "MIGRATION_REQUIRED", 4],
    ],
    "key",
  ],
] as const) {
  onEachMajor(test, title, async (database) => {
    await put(database, ...rows.map(([id, value, day]) => ({ id, value, day })), {
      of: 2,
      id: "other",
      value: key,
      day: 1,
    });
    assert.equal(await previewFailure(database, { collapse }), undefined);
    assert.equal((await left(database)).split(" ").length, rows.length + 1, "the preview removes nothing");
    const lines: string[] = [];
    assert.equal((await make(database, { collapse }, lines)).origin, "created");
    assert.deepEqual((await left(database)).split(" ").sort(), [stays, "other"].sort());
    assert.deepEqual(await uniqueIndexes(database), done);
    assert.equal(lines.filter((line) => line.startsWith(credential(1))).length, 1);
    assert.doesNotMatch(lines.join("\n"), /KEY|MIGRATION/);
  });
}

onEachMajor(
  test,
  "any table will do: json and null columns are compared, rows with a null are left alone",
  async (database) => {
    await database.query(`
    create table t (a int, b int, value bytea, extra json, more numeric);
    insert into t values (1, 1, 'k', '{"x": 1}', null), (1, 1, 'k', '{"x": 1}', null), (1, 1, null, null, null),
                         (null, 1, 'k', null, null), (null, 1, 'k', null, null)`);
    const changes = {
      table: "t",
      columns: ["a", "b"],
      name: "t_key",
      collapse: { valueColumn: "value", placeholders: [], mayDiffer: [] },
    };
    await database.query("insert into t values (1, 1, 'k', '{\"x\":1}', null)");
    assert.match(
      (await previewFailure(database, changes)) ?? "",
      /1 value of \(a, b\) are not copies of each other.*: 1\/1\./,
    );
    await database.query("delete from t where extra::text = '{\"x\":1}'");
    await make(database, changes);
    assert.deepEqual(await database.query("select a, b, value::text, extra::text from t order by a"), [
      { a: 1, b: 1, value: "\\x6b", extra: '{"x": 1}' },
      { a: null, b: 1, value: "\\x6b", extra: null },
      { a: null, b: 1, value: "\\x6b", extra: null },
    ]);
  },
);
