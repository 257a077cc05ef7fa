import assert from "node:assert/strict";
import { test } from "node:test";
import { collapse, key, left, put } from "./duplicate-rows";
import { make, onEachMajor, previewFailure, uniqueIndexes, untouched, vault } from "./support";

for (const [title, rows] of [
  [
    "two keys that differ",
    [
      ["a", key, 1],
      ["b", `${key}2`, 2],
    ],
  ],
  [
    "two keys that differ in a trailing space",
    [
      ["a", key, 1],
      ["b", `${key} `, 2],
    ],
  ],
  [
    "two keys that differ in upper case",
    [
      ["a", key, 1],
      ["b", key.toLowerCase(), 2],
    ],
  ],
  [
    "two keys beside a placeholder",
    [
      ["a", key, 1],
      ["b", "", 2],
      ["c", `${key}2`, 3],
    ],
  ],
  [
    "copies that differ in another column",
    [
      ["a", key, 1],
      ["b", key, 2, "revoked"],
    ],
  ],
] as const) {
  onEachMajor(
    test,
    `${title} are for a person: nothing is removed, not of other credentials either`,
    async (database) => {
      await put(database, ...rows.map(([id, value, day, access = "project_admin"]) => ({ id, value, day, access })));
      await put(database, { of: 2, id: "x", value: key, day: 1 }, { of: 2, id: "y", value: "", day: 2 });
      const before = await left(database);
      const reason = (await previewFailure(database, { collapse })) ?? "";
      assert.match(reason, /the rows of 1 value of \(credential_id\) are not copies.*: 0{8}-.*1\. .*ERR_DUPLICATES/);
      assert.doesNotMatch(reason, /KEY/i);
      await assert.rejects(make(database, { collapse }), { code: "ERR_DUPLICATES" });
      assert.equal(await left(database), before);
      assert.deepEqual(await uniqueIndexes(database), untouched);
    },
  );
}

onEachMajor(test, "without leave to collapse, no row is removed", async (database) => {
  await put(database, { id: "a", value: key, day: 1 }, { id: "b", value: "", day: 2 });
  await assert.rejects(make(database), { code: "ERR_DUPLICATES" });
  assert.equal(await left(database), "a b");
});

onEachMajor(
  test,
  "a row that others refer to with on delete cascade, set null or set default is not removed",
  async (database) => {
    await put(database, { id: "a", value: key, day: 1 }, { id: "b", value: "", day: 2 });
    for (const action of ["cascade", "set null", "set default"]) {
      await database.query(
        `create table referring (vault uuid constraint fk references ${vault} (id) on delete ${action})`,
      );
      assert.match(
        (await previewFailure(database, { collapse })) ?? "",
        new RegExp(`fk of .*"on delete ${action}".*ERR_DEPENDANTS`),
      );
      await assert.rejects(make(database, { collapse }), { code: "ERR_DEPENDANTS" });
      await database.query("drop table referring");
    }
    assert.equal(await left(database), "a b");
    await database.query(`create table referring (vault uuid references ${vault} (id))`);
    assert.equal((await make(database, { collapse })).origin, "created");
  },
);
