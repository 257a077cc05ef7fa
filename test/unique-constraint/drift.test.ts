import assert from "node:assert/strict";
import { test } from "node:test";
import { deleteConstraint } from "../../components/unique-constraint/delete";
import * as operations from "../../components/unique-constraint/operations";
import { constraintName, declaration, done, onEachMajor, uniqueIndexes, vault } from "./support";

const unchanged = { changes: false, replaces: [] };
const changed = { changes: true, replaces: [] };
const inputs = (changes = {}) => ({ ...declaration(), ...changes });

/** The state that Pulumi keeps after a create. */
async function created(url: string) {
  operations.configure(url);
  const { id, outs } = await operations.create(inputs());
  return { id, outs: { ...outs, __provider: "text" } };
}

onEachMajor(
  test,
  "what was made is not a diff, also with another name or other deadlines declared",
  async (database) => {
    const { id, outs } = await created(database.url);
    assert.equal(id, `public.${vault} (credential_id)`);
    assert.deepEqual(await operations.diff(id, outs, inputs()), unchanged);
    assert.deepEqual(await operations.diff(id, outs, inputs({ name: "other", indexDeadlineMinutes: 5 })), unchanged);
  },
);

for (const [title, sql] of [
  ["dropped", `alter table ${vault} drop constraint ${constraintName}`],
  ["made INVALID", `update pg_index set indisvalid = false where indexrelid = '${constraintName}'::regclass`],
  [
    "replaced by a partial index",
    `alter table ${vault} drop constraint ${constraintName};
     create unique index ${constraintName} on ${vault} (credential_id) where revoked_at is null`,
  ],
  [
    "replaced by a bare index",
    `alter table ${vault} drop constraint ${constraintName}; create unique index foo on ${vault} (credential_id)`,
  ],
  [
    "replaced by a bare index of its name",
    `alter table ${vault} drop constraint ${constraintName};
     create unique index ${constraintName} on ${vault} (credential_id)`,
  ],
] as const) {
  onEachMajor(
    test,
    `a constraint that somebody has ${title} shows as a diff, and is gone for a refresh`,
    async (database) => {
      const { id, outs } = await created(database.url);
      await database.query(sql);
      assert.deepEqual(await operations.diff(id, outs, inputs()), changed);
      assert.equal((await operations.read(id, outs)).id, "");
    },
  );
}

onEachMajor(
  test,
  "an index that no constraint can be made of stays adopted: no diff, no loss at a refresh",
  async (database) => {
    await database.query(`create unique index newest_first on ${vault} (credential_id desc)`);
    const { id, outs } = await created(database.url);
    assert.equal(outs.name, "newest_first");
    assert.deepEqual(await operations.diff(id, outs, inputs()), unchanged);
    assert.deepEqual(await operations.read(id, outs), { id, props: outs });
  },
);

onEachMajor(test, "an update puts a dropped constraint right; then there is no diff", async (database) => {
  const { id, outs } = await created(database.url);
  await database.query(`alter table ${vault} drop constraint ${constraintName}`);
  const updated = await operations.update(id, outs, inputs());
  assert.equal(updated.outs.origin, "created");
  assert.deepEqual(await uniqueIndexes(database), done);
  assert.deepEqual(await operations.diff(id, { ...updated.outs }, inputs()), unchanged);
});

onEachMajor(
  test,
  "a renamed constraint is a diff until it is recorded, by an update or a refresh",
  async (database) => {
    const { id, outs } = await created(database.url);
    await database.query(`alter table ${vault} rename constraint ${constraintName} to other_name`);
    assert.deepEqual(await operations.diff(id, outs, inputs()), changed);
    const read = await operations.read(id, outs);
    assert.deepEqual(read, { id, props: { ...outs, name: "other_name", index: "other_name" } });
    assert.deepEqual(await operations.diff(id, read.props, inputs()), unchanged);
    const updated = await operations.update(id, outs, inputs());
    assert.deepEqual([updated.outs.name, updated.outs.origin], ["other_name", "adopted"]);
    assert.deepEqual(await operations.diff(id, { ...updated.outs }, inputs()), unchanged);
  },
);

onEachMajor(test, "a refresh of what is in order changes nothing; neither does an update", async (database) => {
  const { id, outs } = await created(database.url);
  assert.deepEqual(await operations.read(id, outs), { id, props: outs });
  const { __provider, ...plain } = outs;
  assert.equal(__provider, "text");
  assert.deepEqual(await operations.update(id, outs, inputs()), { outs: plain });
});

onEachMajor(
  test,
  "another schema, table or columns make it another constraint; another order of columns does not",
  async (database) => {
    const { id, outs } = await created(database.url);
    assert.deepEqual(await operations.diff(id, outs, inputs({ schema: "s" })), { changes: true, replaces: ["schema"] });
    assert.deepEqual(await operations.diff(id, outs, inputs({ table: "t", columns: ["vault_id"] })), {
      changes: true,
      replaces: ["table", "columns"],
    });
    await database.query("create table t (a int, b int)");
    const two = { table: "t", columns: ["a", "b"], name: "t_key" };
    const made = await operations.create(inputs(two));
    assert.deepEqual(
      await operations.diff(made.id, { ...made.outs }, inputs({ ...two, columns: ["b", "a"] })),
      unchanged,
    );
  },
);

onEachMajor(
  test,
  "a state of another version and inputs that are not known yet lead to an update, not to an error",
  async (database) => {
    const { id, outs } = await created(database.url);
    assert.deepEqual(await operations.diff(id, {}, inputs()), changed);
    assert.deepEqual(
      await operations.diff(id, { schema: "public", table: vault, columns: ["credential_id"] }, inputs()),
      changed,
    );
    assert.deepEqual(
      await operations.diff(id, outs, inputs({ table: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" })),
      changed,
    );
    assert.equal((await operations.read(id, {})).id, "");
  },
);

onEachMajor(test, "a rule that forbids ON CONFLICT is drift for a refresh, not an error of it", async (database) => {
  const { id, outs } = await created(database.url);
  await database.query(`create rule r as on insert to ${vault} do also select 1`);
  assert.equal((await operations.read(id, outs)).id, "");
  assert.match((await operations.check({}, inputs())).failures[0]?.reason ?? "", /has rule r: .*ERR_TABLE_UNSUPPORTED/);
});

onEachMajor(test, "a table that was dropped is drift, not an error of diff or refresh", async (database) => {
  const { id, outs } = await created(database.url);
  await database.query(`drop table ${vault}`);
  assert.deepEqual(await operations.diff(id, outs, inputs()), changed);
  assert.equal((await operations.read(id, outs)).id, "");
  assert.match((await operations.check({}, inputs())).failures[0]?.reason ?? "", /ERR_TABLE_MISSING/);
});

onEachMajor(test, "destroying the resource keeps the constraint, and says so", async (database) => {
  const { outs } = await created(database.url);
  const lines: string[] = [];
  await deleteConstraint(outs, (line) => lines.push(line));
  assert.deepEqual(lines, [`constraint ${outs.name} stays on public.${vault}`]);
  assert.deepEqual(await uniqueIndexes(database), done);
});
