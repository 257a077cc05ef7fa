import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { forTypeScript } from "../../launcher/project-folder";
import { eventually } from "../support/eventually";
import {
  builderIn,
  constraintName,
  credential,
  declaration,
  done,
  make,
  oidOf,
  oldSnapshot,
  onEachMajor,
  someCredentials,
  uniqueIndexes,
  vault,
} from "./support";

onEachMajor(test, "ten runs at once make one constraint", async (database) => {
  await database.query(`${someCredentials};
    insert into ${vault} (credential_id, vault_id, encrypted_private_key) select id, 'v' || id, 'made up' from project_credentials`);
  const outcomes = await Promise.all(Array.from({ length: 10 }, () => make(database)));
  const origins = outcomes.map((outcome) => outcome.origin).sort();
  assert.deepEqual(origins, [...Array<string>(9).fill("adopted"), "created"]);
  assert.deepEqual(await uniqueIndexes(database), done);
});

onEachMajor(test, "a run that comes while another builds waits for it, says so, and adopts", async (database) => {
  const old = await oldSnapshot(database, "a long report");
  const first = make(database);
  const pid = await builderIn(database, "waiting for old snapshots");
  const lines: string[] = [];
  const second = make(database, {}, lines);
  await eventually("the second names the first", () =>
    lines.find((line) => line.includes(`another run on public.${vault}: pid ${pid}`)),
  );
  await old.end();
  assert.deepEqual([(await first).origin, (await second).origin], ["created", "adopted"]);
  assert.deepEqual(await uniqueIndexes(database), done);
});

onEachMajor(test, "runs on two tables do not wait for each other", async (database) => {
  await database.query("create table other (a int)");
  const old = await oldSnapshot(database, "a long report");
  const lines: string[] = [];
  const both = Promise.all([
    make(database),
    make(database, { table: "other", columns: ["a"], name: "other_key" }, lines),
  ]);
  await eventually("both build", async () => {
    const rows = await database.query("select from pg_stat_progress_create_index where datname = current_database()");
    return rows.length === 2 || undefined;
  });
  assert.deepEqual(
    lines.filter((line) => line.includes("another run")),
    [],
  );
  await old.end();
  assert.deepEqual(
    (await both).map((outcome) => outcome.origin),
    ["created", "created"],
  );
});

onEachMajor(
  test,
  "another program's build that waits for ours in line, and ours for it, costs neither the constraint",
  async (database) => {
    await database.query(someCredentials);
    const writer = await database.session();
    await writer.query(
      `begin; insert into ${vault} (credential_id, vault_id, encrypted_private_key) values ('${credential(1)}', 'v', 'made up')`,
    );
    const making = make(database);
    await builderIn(database, "waiting for writers before build");
    const other = await database.session();
    const built = other.query(`create unique index concurrently theirs on ${vault} (credential_id)`).then(
      () => true,
      () => false,
    );
    await eventually("the other one stands in line", async () => {
      const rows = await database.query(`select from pg_locks where not granted and relation = '${vault}'::regclass`);
      return rows.length > 0 || undefined;
    });
    // Now ours goes on until it waits for the other's snapshot, and the other waits for our lock.
    await writer.query("commit");
    const { origin } = await making;
    assert.equal(origin, (await built) ? "promoted" : "created");
    assert.deepEqual(await uniqueIndexes(database), done);
  },
);

onEachMajor(test, "after kill -9 in the middle of a build, the next run needs no person", async (database) => {
  const old = await oldSnapshot(database, "a long report");
  const program = `
    const { applyConstraint: ensure } = require(${JSON.stringify(join(__dirname, "..", "..", "components", "unique-constraint", "apply.ts"))});
    ensure(${JSON.stringify(database.url)}, ${JSON.stringify(declaration())}, () => undefined);`;
  const child = spawn(process.execPath, [...forTypeScript, "-e", program], {
    stdio: "ignore",
  });
  const exited = once(child, "exit");
  await builderIn(database, "waiting for old snapshots");
  child.kill("SIGKILL");
  await exited;
  const before = await oidOf(database, constraintName);

  const making = make(database);
  await eventually("the next run builds its own", async () => {
    const [row] = await database.query<{ other: boolean }>(
      "select index_relid <> $1 as other from pg_stat_progress_create_index where datname = current_database() and phase = 'waiting for old snapshots'",
      [before],
    );
    return row?.other || undefined;
  });
  await old.end();
  assert.equal((await making).origin, "repaired");
  assert.deepEqual(await uniqueIndexes(database), done);
});
