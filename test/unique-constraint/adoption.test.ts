import assert from "node:assert/strict";
import { test } from "node:test";
import {
  constraintName,
  done,
  make,
  oidOf,
  onEachMajor,
  uniqueIndexes,
  untouched,
  upsertWorks,
  vault,
} from "./support";

onEachMajor(test, "what died of 42P10 runs once the constraint is made", async (database) => {
  assert.equal(await upsertWorks(database), "42P10");
  const outcome = await make(database);
  assert.deepEqual(outcome, {
    name: constraintName,
    schema: "public",
    table: vault,
    columns: ["credential_id"],
    index: constraintName,
    origin: "created",
    arbiterProven: true,
  });
  assert.deepEqual(await uniqueIndexes(database), done);
  assert.equal(await upsertWorks(database), "1 row");
});

onEachMajor(test, "a second run does nothing: the index stays the very same", async (database) => {
  await make(database);
  const before = await oidOf(database, constraintName);
  const lines: string[] = [];
  const { origin, name } = await make(database, {}, lines);
  assert.deepEqual([origin, name, lines], ["adopted", constraintName, []]);
  assert.equal(await oidOf(database, constraintName), before);
});

for (const [title, sql, name] of [
  [
    "a unique constraint under another name",
    `alter table ${vault} add constraint one_key unique (credential_id)`,
    "one_key",
  ],
  [
    "a unique constraint with INCLUDE columns",
    `alter table ${vault} add constraint one_key unique (credential_id) include (vault_id)`,
    "one_key",
  ],
  [
    "a primary key",
    `alter table ${vault} drop constraint ${vault}_pkey, add constraint cred_pk primary key (credential_id)`,
    "cred_pk",
  ],
] as const) {
  onEachMajor(test, `${title} is adopted as it is`, async (database) => {
    await database.query(sql);
    const before = await uniqueIndexes(database);
    const outcome = await make(database);
    assert.deepEqual([outcome.origin, outcome.name, outcome.index], ["adopted", name, name]);
    assert.deepEqual(await uniqueIndexes(database), before);
    assert.equal(await upsertWorks(database), "1 row");
  });
}

for (const [title, sql] of [
  ["a plain unique index", `create unique index some_index on ${vault} (credential_id)`],
  [
    "a unique index with INCLUDE columns",
    `create unique index some_index on ${vault} (credential_id) include (vault_id)`,
  ],
  [
    "a unique index that already has the constraint's name",
    `create unique index ${constraintName} on ${vault} (credential_id)`,
  ],
] as const) {
  onEachMajor(test, `${title} becomes the constraint without being rebuilt`, async (database) => {
    await database.query(sql);
    const before = await oidOf(database, sql.split(" ")[3] ?? "");
    const outcome = await make(database);
    assert.deepEqual([outcome.origin, outcome.name, outcome.index], ["promoted", constraintName, constraintName]);
    assert.deepEqual(await uniqueIndexes(database), done);
    assert.equal(await oidOf(database, constraintName), before);
  });
}

onEachMajor(
  test,
  "a descending unique index serves, cannot become a constraint, and is adopted as an index",
  async (database) => {
    await database.query(`create unique index newest_first on ${vault} (credential_id desc)`);
    const outcome = await make(database);
    assert.deepEqual([outcome.origin, outcome.name, outcome.index], ["adopted", "newest_first", "newest_first"]);
    assert.deepEqual(await uniqueIndexes(database), [...untouched, "newest_first valid bare"]);
    assert.equal(await upsertWorks(database), "1 row");
  },
);

onEachMajor(test, "an index in another operator class or collation is adopted as an index", async (database) => {
  await database.query(`
    create table t (id int primary key, a varchar not null, b text not null);
    create unique index by_class on t (a varchar_pattern_ops);
    create unique index by_collation on t (b collate "C")`);
  for (const [column, index] of [
    ["a", "by_class"],
    ["b", "by_collation"],
  ] as const) {
    const outcome = await make(database, { table: "t", columns: [column], name: `t_${column}_key` });
    assert.deepEqual([outcome.origin, outcome.index, outcome.arbiterProven], ["adopted", index, true]);
  }
});

onEachMajor(test, "several columns are served in any order, and by no subset or superset", async (database) => {
  await database.query(`
    create table t (a int, b int, c int);
    create unique index on t (a);
    create unique index on t (a, b, c);
    alter table t add constraint backwards unique (b, a)`);
  const adopted = await make(database, { table: "t", columns: ["a", "b"], name: "t_key" });
  assert.deepEqual([adopted.origin, adopted.name], ["adopted", "backwards"]);
  const created = await make(database, { table: "t", columns: ["c", "b"], name: "t_cb_key" });
  assert.equal(created.origin, "created");
});

onEachMajor(test, "among several that serve, the declared name is taken, then a constraint", async (database) => {
  await database.query(`
    create unique index a_index on ${vault} (credential_id);
    alter table ${vault} add constraint b_constraint unique (credential_id);
    alter table ${vault} add constraint c_constraint unique (credential_id)`);
  assert.equal((await make(database)).name, "b_constraint");
  assert.equal((await make(database, { name: "c_constraint" })).name, "c_constraint");
});

onEachMajor(test, "names that need quoting simply work", async (database) => {
  await database.query(
    `create schema "My Schema"; create table "My Schema"."Vault ""x""" (id int, "Credential Id" int)`,
  );
  const outcome = await make(database, {
    schema: "My Schema",
    table: 'Vault "x"',
    columns: ["Credential Id"],
    name: `it's "one" key`,
  });
  assert.deepEqual([outcome.origin, outcome.name, outcome.index], ["created", `it's "one" key`, `it's "one" key`]);
  assert.deepEqual(await uniqueIndexes(database, '"My Schema"."Vault ""x"""'), [`it's "one" key valid u`]);
});
