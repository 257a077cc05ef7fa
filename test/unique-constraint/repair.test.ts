import assert from "node:assert/strict";
import { test } from "node:test";
import { build, cancelledBuild, startBuild, stateOf } from "./broken-builds";
import {
  constraintName,
  credential,
  done,
  make,
  oidOf,
  onEachMajor,
  someCredentials,
  uniqueIndexes,
  upsertWorks,
  vault,
} from "./support";

const twoRows = `${someCredentials};
  insert into ${vault} (credential_id, vault_id, encrypted_private_key)
  select '${credential(1)}', 'v' || n, 'made up' from generate_series(1, 2) n`;

for (const name of [constraintName, "somebody_elses_try"]) {
  onEachMajor(test, `what a build left that failed on duplicates is replaced: ${name}`, async (database) => {
    await database.query(twoRows);
    assert.equal(await (await startBuild(database, name)).ended, "23505");
    assert.deepEqual(await stateOf(database, name), { valid: false, ready: false, live: true });
    await database.query(`delete from ${vault} where vault_id = 'v2'`);
    assert.equal(await upsertWorks(database), "42P10");
    assert.equal((await make(database)).origin, "repaired");
    assert.deepEqual(await uniqueIndexes(database), done);
    assert.equal(await upsertWorks(database), "1 row");
  });

  onEachMajor(test, `what a build left that was cancelled while it waited is replaced: ${name}`, async (database) => {
    await cancelledBuild(database, name);
    assert.deepEqual(await stateOf(database, name), { valid: false, ready: true, live: true });
    assert.equal(await upsertWorks(database), "42P10");
    assert.equal((await make(database)).origin, "repaired");
    assert.deepEqual(await uniqueIndexes(database), done);
    assert.equal(await upsertWorks(database), "1 row");
  });
}

onEachMajor(test, "several INVALID indexes are all removed", async (database) => {
  await cancelledBuild(database, "first_try");
  await cancelledBuild(database, "second_try");
  assert.equal((await make(database)).origin, "repaired");
  assert.deepEqual(await uniqueIndexes(database), done);
});

onEachMajor(
  test,
  "an INVALID index that bears the name does not keep another index from becoming the constraint",
  async (database) => {
    await cancelledBuild(database, constraintName);
    await database.query(build("a_later_try"));
    const before = await oidOf(database, "a_later_try");
    assert.equal((await make(database)).origin, "promoted");
    assert.deepEqual(await uniqueIndexes(database), done);
    assert.equal(await oidOf(database, constraintName), before);
  },
);

onEachMajor(test, "an INVALID index on other columns is left alone", async (database) => {
  await database.query(
    `insert into project_credentials (project_id, credential_type) select gen_random_uuid(), 't' from generate_series(1, 2)`,
  );
  const session = await database.session();
  await assert.rejects(
    session.query("create unique index concurrently other on project_credentials (credential_type)"),
  );
  const outcome = await make(database, { table: "project_credentials", columns: ["id", "network"], name: "wanted" });
  assert.equal(outcome.origin, "created");
  assert.deepEqual(await stateOf(database, "other"), { valid: false, ready: false, live: true });
});

onEachMajor(test, "an INVALID index that a constraint stands on is rebuilt in place", async (database) => {
  await database.query(`alter table ${vault} add constraint old_name unique (credential_id)`);
  await database.query("update pg_index set indisvalid = false where indexrelid = 'old_name'::regclass");
  assert.equal(await upsertWorks(database), "42P10");
  const outcome = await make(database);
  assert.deepEqual([outcome.origin, outcome.name], ["repaired", "old_name"]);
  assert.deepEqual((await uniqueIndexes(database))[2], "old_name valid u");
  assert.equal(await upsertWorks(database), "1 row");
});
