import assert from "node:assert/strict";
import { test } from "node:test";
import { make, onEachMajor, previewFailure } from "./support";

const collapse = { valueColumn: "value", placeholders: [], mayDiffer: [] };
const changes = { table: "t", columns: ["a"], name: "t_key", collapse };
const caseless = `create collation caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`;

// Rows that the type's own operators call equal, or that print alike, and that are not the same all the same.
for (const [title, table, some, other] of [
  ["the case of a value whose collation minds none", `(a text collate caseless, value text)`, `'Ab', 'k'`, `'aB', 'k'`],
  ["a trailing zero of a number", `(a numeric, value text)`, `1.0, 'k'`, `1.00, 'k'`],
  ["the sign of a zero", `(a float8, value text)`, `'0', 'k'`, `'-0', 'k'`],
  ["blanks at the end of a bpchar", `(a int, value bpchar)`, `1, 'k'`, `1, 'k  '`],
  [
    "digits of a float that this role's settings do not print",
    `(a int, value text, b float8)`,
    `1, 'k', 0.3`,
    `1, 'k', 0.30000000000000004`,
  ],
  [
    "which of several functions of one name",
    `(a int, value text, b regproc)`,
    `1, 'k', 'abs(int4)'::regprocedure`,
    `1, 'k', 'abs(int8)'::regprocedure`,
  ],
  ["the order in a json document", `(a int, value text, b json)`, `1, 'k', '{"x":1,"y":2}'`, `1, 'k', '{"y":2,"x":1}'`],
  ["a number within a jsonb document", `(a int, value text, b jsonb)`, `1, 'k', '{"x":1.0}'`, `1, 'k', '{"x":1.00}'`],
  ["where an array begins", `(a int, value text, b int[])`, `1, 'k', '{1}'`, `1, 'k', '[0:0]={1}'`],
  ["a composite of nulls, beside a null", `(a int, value text, b pair)`, `1, 'k', null`, `1, 'k', row(null, null)`],
  [
    "what a placeholder's row has in such a column",
    `(a int, value text, b float8)`,
    `1, 'k', 0.3`,
    `1, '', 0.30000000000000004`,
  ],
  [
    "the last byte of a large column",
    `(a int, value text, b text)`,
    `1, 'k', repeat('x', 3000000) || 'y'`,
    `1, 'k', repeat('x', 3000000) || 'z'`,
  ],
] as const) {
  onEachMajor(test, `rows that differ are not copies: ${title}`, async (database) => {
    await database.query(`${caseless}; create type pair as (x int, y int); create table t ${table};
      alter database ${database.name} set extra_float_digits = 0`);
    await database.query(`insert into t values (${some}), (${other})`);
    assert.match((await previewFailure(database, changes)) ?? "", /not copies of each other.*ERR_DUPLICATES/);
    await assert.rejects(make(database, changes), { code: "ERR_DUPLICATES" });
    assert.equal((await database.query("select from t")).length, 2);
  });
}

onEachMajor(test, "large columns, documents and composites that are the same are copies", async (database) => {
  await database.query(`create type pair as (x int, y int); create domain even as int check (value % 2 = 0);
    create table t (a int, value text, b text, c json, d jsonb, e pair, f int[], g numrange, h even, i float8 default 'NaN', j int generated always as (a + 1) stored);
    insert into t select 1, 'k', repeat('x', 3000000), '{"x": 1}', '{"x": 1.0}', row(1, null)::pair, '{1,null}', '[1.0,2)'::numrange, 2 from generate_series(1, 3);
    insert into t (a, value) values (1, ' ')`);
  await make(database, changes);
  assert.equal((await database.query("select from t")).length, 1);
});
