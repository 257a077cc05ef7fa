import assert from "node:assert/strict";
import { test } from "node:test";
import { constraintName, done, make, onEachMajor, previewFailure, uniqueIndexes, upsertWorks, vault } from "./support";

/** What a check for "a unique index on credential_id" would take for the constraint; title, SQL, what is said of it. */
const lookAlikes = [
  ["a partial unique index", `create unique index x on ${vault} (credential_id) where revoked_at is null`, "partial"],
  ["a unique index on an expression", `create unique index x on ${vault} ((credential_id::text))`, "expression"],
  [
    "a constraint on more columns, named after credential_id",
    `alter table ${vault} add constraint x_credential_id_key unique (credential_id, vault_id)`,
    "other columns",
  ],
  ["an index that is not unique", `create index x on ${vault} (credential_id)`, undefined],
  [
    "an exclusion constraint",
    `alter table ${vault} add constraint x exclude using btree (credential_id with =)`,
    undefined,
  ],
  [
    "a constraint of the wanted name on a table of that name in another schema",
    `create schema other; create table other.${vault} (credential_id uuid constraint ${constraintName} unique)`,
    undefined,
  ],
  ["a unique index on another column only", `create unique index x_credential_id on ${vault} (id)`, undefined],
] as const;

for (const [title, sql, said] of lookAlikes) {
  onEachMajor(test, `${title} fools nobody`, async (database) => {
    await database.query(sql);
    assert.equal(await upsertWorks(database), "42P10");
    const lines: string[] = [];
    assert.equal((await make(database, {}, lines)).origin, "created");
    assert.equal(await upsertWorks(database), "1 row");
    if (said !== undefined) assert.match(lines.join("\n"), new RegExp(`index x.* does not serve: it is .*${said}`));
  });
}

onEachMajor(test, "a DEFERRABLE constraint is refused before anything is changed", async (database) => {
  await database.query(`alter table ${vault} add constraint lazy unique (credential_id) deferrable`);
  assert.equal(await upsertWorks(database), "55000");
  const before = await uniqueIndexes(database);
  assert.match((await previewFailure(database)) ?? "", /lazy .*DEFERRABLE.* drop constraint .*ERR_DEFERRABLE/);
  await assert.rejects(make(database), { code: "ERR_DEFERRABLE" });
  assert.deepEqual(await uniqueIndexes(database), before);
});

onEachMajor(
  test,
  "a DEFERRABLE constraint beside a good one is refused too: it spoils every ON CONFLICT",
  async (database) => {
    await make(database);
    await database.query(`alter table ${vault} add constraint lazy unique (credential_id) deferrable`);
    assert.equal(await upsertWorks(database), "55000");
    assert.match((await previewFailure(database)) ?? "", /lazy .*ERR_DEFERRABLE/);
    await database.query(`alter table ${vault} drop constraint lazy`);
    assert.equal(await previewFailure(database), undefined);
    assert.deepEqual(await uniqueIndexes(database), done);
  },
);

onEachMajor(test, "a DEFERRABLE constraint on other columns is nobody's concern", async (database) => {
  await database.query(`alter table ${vault} add constraint lazy unique (credential_id, vault_id) deferrable`);
  assert.equal(await previewFailure(database), undefined);
  assert.equal((await make(database)).origin, "created");
  assert.equal(await upsertWorks(database), "1 row");
});
