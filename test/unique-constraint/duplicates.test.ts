import assert from "node:assert/strict";
import { test } from "node:test";
import {
  credential,
  make,
  onEachMajor,
  previewFailure,
  someCredentials,
  uniqueIndexes,
  untouched,
  vault,
} from "./support";

const key = "0xMADEUPKEY";
const row = (n: number, vaultId: string) =>
  `insert into ${vault} (credential_id, vault_id, encrypted_private_key) values ('${credential(n)}', '${vaultId}', '${key}${vaultId}')`;

onEachMajor(test, "duplicates stop the preview: how many, which, what to do, and no key", async (database) => {
  await database.query(`${someCredentials}; ${row(1, "a")}; ${row(1, "b")}; ${row(1, "c")}; ${row(2, "d")}`);
  const reason = (await previewFailure(database)) ?? "";
  assert.match(reason, /1 value has more than one row for \(credential_id\), 3 rows in all: 0{8}.*1\..*ERR_DUPLICATES/);
  assert.match(reason, /collapseDuplicates: true/);
  assert.doesNotMatch(reason, /KEY/);
});

onEachMajor(test, "an update that meets duplicates leaves nothing behind", async (database) => {
  await database.query(`${someCredentials}; ${row(1, "a")}; ${row(1, "b")}; ${row(2, "c")}; ${row(2, "d")}`);
  await assert.rejects(make(database), (error: Error & { code?: string }) => {
    assert.equal(error.code, "ERR_DUPLICATES");
    assert.match(error.message, /2 values have more than one row .* 4 rows in all/);
    assert.doesNotMatch(error.message + error.stack, /KEY/);
    return true;
  });
  assert.deepEqual(await uniqueIndexes(database), untouched);
  await database.query(`delete from ${vault} where vault_id in ('b', 'd')`);
  assert.equal((await make(database)).origin, "created");
});

onEachMajor(test, "of many duplicates twenty are named and all are counted", async (database) => {
  await database.query(
    "create table t (a int, b text); insert into t select n % 25, 'secret' from generate_series(0, 74) n",
  );
  const reason = (await previewFailure(database, { table: "t", columns: ["a"], name: "t_key" })) ?? "";
  assert.match(reason, /25 values have more than one row for \(a\), 75 rows in all: /);
  const [, named = "", more] = /in all: (.*) and (\d+) more\./.exec(reason) ?? [];
  assert.equal(new Set(named.split(", ")).size, 20);
  assert.equal(more, "5");
  assert.doesNotMatch(reason, /secret/);
});

onEachMajor(test, "rows with a null are no duplicates", async (database) => {
  await database.query(
    "create table t (a int, b int); insert into t values (null, 1), (null, 1), (1, null), (1, null), (1, 1)",
  );
  const changes = { table: "t", columns: ["a", "b"], name: "t_key" };
  assert.equal(await previewFailure(database, changes), undefined);
  assert.equal((await make(database, changes)).origin, "created");
});

onEachMajor(test, "duplicates are not looked for where an index serves", async (database) => {
  await make(database);
  const scans = async () =>
    (
      await database.query<{ n: string }>(
        `select seq_scan as n from pg_stat_all_tables where relid = '${vault}'::regclass`,
      )
    )[0]?.n;
  const before = await scans();
  assert.equal(await previewFailure(database), undefined);
  await database.query("select pg_stat_clear_snapshot()");
  assert.equal(await scans(), before);
});
