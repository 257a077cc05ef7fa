import assert from "node:assert/strict";
import { test } from "node:test";
import { openSession } from "../../components/postgres/connection";
import { requireTable } from "../../components/postgres/catalog/table";
import { checkConstraint } from "../../components/unique-constraint/preconditions";
import { indexesOf } from "../../components/unique-constraint/index/catalog";
import { applyStep } from "../../components/unique-constraint/apply-step";
import { build, cancelledBuild, startBuild } from "./broken-builds";
import {
  builderIn,
  constraintName,
  declaration,
  done,
  make,
  oldSnapshot,
  onEachMajor,
  uniqueIndexes,
  untouched,
  vault,
} from "./support";

onEachMajor(test, "an index whose build ended well since it was seen is not dropped as INVALID", async (database) => {
  const client = await openSession(database.url, { purpose: "testing" });
  try {
    const table = await requireTable(client, "public", vault);
    const old = await oldSnapshot(database, "a long report");
    const { ended } = await startBuild(database, "theirs");
    await builderIn(database, "waiting for old snapshots");
    const indexes = await indexesOf(client, table.oid);
    const invalidIndexes = indexes.filter((index) => index.name === "theirs");
    assert.deepEqual(
      invalidIndexes.map((index) => index.valid),
      [false],
    );
    await old.end();
    assert.equal(await ended, undefined);
    const run = {
      databaseUrl: database.url,
      client,
      report: () => undefined,
      minutes: 1,
      deadline: Date.now() + 60_000,
    };
    const work = { ...run, inputs: declaration(), table, unattachable: new Set<number>() };
    assert.equal(await applyStep(work, { do: "build", invalidIndexes }, indexes), "waited");
    assert.deepEqual(await uniqueIndexes(database), [...untouched, "theirs valid bare"]);
  } finally {
    await client.end();
  }
});

onEachMajor(test, "a rebuild that is not done in time leaves nothing", async (database) => {
  await make(database);
  await database.query(`update pg_index set indisvalid = false where indexrelid = '${constraintName}'::regclass`);
  const old = await oldSnapshot(database, "a long report");
  await assert.rejects(make(database, { indexDeadlineMinutes: 3 / 60 }), { code: "ERR_LOCK_DEADLINE" });
  assert.deepEqual(await uniqueIndexes(database), [`${constraintName} INVALID u`, ...untouched]);
  await old.end();
  assert.equal((await make(database)).origin, "repaired");
  assert.deepEqual(await uniqueIndexes(database), done);
});

onEachMajor(
  test,
  "an INVALID index beside a constraint in order is told by every preview, a build that goes on is not",
  async (database) => {
    await make(database);
    const told = async (): Promise<string[]> => {
      const lines: string[] = [];
      assert.deepEqual(
        (await checkConstraint(database.url, { ...declaration() }, (line) => lines.push(line))).failures,
        [],
      );
      return lines;
    };
    assert.deepEqual(await told(), []);
    await cancelledBuild(database, "a_try");
    const [line = "", ...more] = await told();
    assert.match(
      line,
      /^index a_try of public\.credential_vault_storage is INVALID .*: drop index concurrently "public"\."a_try"$/,
    );
    assert.deepEqual(more, []);
    await database.query(line.slice(line.indexOf("drop index")));
    assert.deepEqual(await told(), []);

    const old = await oldSnapshot(database, "a long report");
    const session = await database.session();
    const building = session.query(build("going_on"));
    await builderIn(database, "waiting for old snapshots");
    assert.deepEqual(await told(), []);
    await old.end();
    await building;
  },
);
