import assert from "node:assert/strict";
import { test } from "node:test";
import { collapse, key, left, put } from "./duplicate-rows";
import { eventually } from "../support/eventually";
import { make, onEachMajor, vault } from "./support";

onEachMajor(test, "the users' delete triggers run, and find tables without naming their schema", async (database) => {
  await database.query(`
    create table log (vault_id text);
    create function note() returns trigger language plpgsql as $$ begin insert into log values (old.vault_id); return old; end $$;
    create trigger note before delete on ${vault} for each row execute function note()`);
  await put(database, { id: "a", value: key, day: 1 }, { id: "b", value: "", day: 2 });
  await make(database, { collapse });
  assert.deepEqual(await database.query("select vault_id from log"), [{ vault_id: "b" }]);
});

onEachMajor(test, "a trigger that keeps a row stops the update; nothing is removed", async (database) => {
  await database.query(`
    create function keep() returns trigger language plpgsql as $$ begin return null; end $$;
    create trigger keep before delete on ${vault} for each row when (old.vault_id = 'b') execute function keep()`);
  await put(database, { id: "a", value: key, day: 1 }, { id: "b", value: "", day: 2 }, { id: "c", value: "", day: 3 });
  await assert.rejects(make(database, { collapse }), { code: "ERR_DUPLICATES" });
  assert.equal(await left(database), "a b c");
});

onEachMajor(test, "a placeholder that becomes a key while its row is waited for is not removed", async (database) => {
  await put(database, { id: "a", value: key, day: 1 }, { id: "b", value: "", day: 2 });
  const writer = await database.session();
  await writer.query(`begin; update ${vault} set encrypted_private_key = '${key}2' where vault_id = 'b'`);
  const lines: string[] = [];
  const making = make(database, { collapse, lockTimeoutMs: 50 }, lines);
  making.catch(() => undefined);
  await eventually("it gives way", () => lines.find((line) => line.includes("waiting for pid")));
  await writer.query("commit");
  await assert.rejects(making, { code: "ERR_DUPLICATES" });
  assert.equal(await left(database), "a b");
});

for (const [title, change, stays] of [
  ["its key changes", `encrypted_private_key = '${key}2'`, undefined],
  ["it merely moves", "backup_created = backup_created", "a"],
] as const) {
  onEachMajor(test, `rows are judged as they are once they are locked: ${title}`, async (database) => {
    await put(database, { id: "a", value: key, day: 1 }, { id: "b", value: key, day: 2 });
    const writer = await database.session();
    await writer.query(`begin; update ${vault} set ${change} where vault_id = 'b'`);
    const making = make(database, { collapse, lockTimeoutMs: 20_000 });
    making.catch(() => undefined);
    await eventually("it waits for the row", async () =>
      (
        await database.query(
          "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
        )
      ).length > 0
        ? true
        : undefined,
    );
    await writer.query("commit");
    if (stays === undefined) await assert.rejects(making, { code: "ERR_DUPLICATES" });
    else await making;
    assert.equal(await left(database), stays ?? "a b");
  });
}
