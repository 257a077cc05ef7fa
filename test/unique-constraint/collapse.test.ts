import assert from "node:assert/strict";
import { test } from "node:test";
import { judgedRows } from "../../components/unique-constraint/redundancy";
import type { Database } from "../support/database";
import { credential, done, eventually, make, onEachMajor, previewFailure, someCredentials } from "./support";
import { uniqueIndexes, untouched, vault } from "./support";

const collapse = { valueColumn: "encrypted_private_key", placeholders: ["MIGRATION_REQUIRED"] };
const key = "0xMADEUPKEY";

interface Row {
  readonly of?: number;
  readonly id: string;
  readonly value: string;
  /** Day of January 2025 on which it was made. */
  readonly day: number;
  readonly access?: string;
}

/** Puts vault rows in, in this order, past the triggers. */
async function put(database: Database, ...rows: readonly Row[]): Promise<void> {
  await database.query(`${someCredentials} on conflict do nothing`);
  for (const { of = 1, id, value, day, access = "project_admin" } of rows) {
    await database.query(
      `insert into ${vault} (credential_id, vault_id, encrypted_private_key, access_level, created_at, updated_at)
       values ($1, $2, $3, $4, make_timestamptz(2025, 1, $5, 0, 0, 0), now())`,
      [credential(of), id, value, access, day],
    );
  }
}

/** vault_ids that are there, by an independent query. */
const left = async (database: Database): Promise<string> =>
  (
    await database.query<{ ids: string }>(
      `select string_agg(vault_id, ' ' order by vault_id collate "C") as ids from ${vault}`,
    )
  )[0]?.ids ?? "";

for (const [title, rows, stays] of [
  [
    "an empty row goes, the key stays, though it is younger",
    [
      ["empty", "", 1],
      ["key", key, 2],
    ],
    "key",
  ],
  [
    "white space only, also of the wider kind, is no key",
    [
      ["blank", " \t\u00a0\u3000", 1],
      ["key", key, 2],
    ],
    "key",
  ],
  [
    "a listed placeholder is no key",
    [
      ["listed", "MIGRATION_REQUIRED", 1],
      ["key", key, 2],
    ],
    "key",
  ],
  [
    "of placeholders only, the oldest stays",
    [
      ["new", "", 3],
      ["old", "MIGRATION_REQUIRED", 1],
      ["mid", " ", 2],
    ],
    "old",
  ],
  [
    "of identical copies, the oldest stays",
    [
      ["new", key, 3],
      ["old", key, 1],
      ["mid", key, 2],
    ],
    "old",
  ],
  [
    "copies and placeholders go together",
    [
      ["empty", "", 1],
      ["copy", key, 3],
      ["key", key, 2],
      ["listed", "MIGRATION_REQUIRED", 4],
    ],
    "key",
  ],
] as const) {
  onEachMajor(test, title, async (database) => {
    await put(database, ...rows.map(([id, value, day]) => ({ id, value, day })), {
      of: 2,
      id: "other",
      value: key,
      day: 1,
    });
    assert.equal(await previewFailure(database, { collapse }), undefined);
    assert.equal((await left(database)).split(" ").length, rows.length + 1, "the preview removes nothing");
    const lines: string[] = [];
    assert.equal((await make(database, { collapse }, lines)).origin, "created");
    assert.deepEqual((await left(database)).split(" ").sort(), [stays, "other"].sort());
    assert.deepEqual(await uniqueIndexes(database), done);
    assert.equal(lines.filter((line) => line.startsWith(credential(1))).length, 1);
    assert.doesNotMatch(lines.join("\n"), /KEY|MIGRATION/);
  });
}

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

onEachMajor(
  test,
  "any table will do: json and null columns are compared, rows with a null are left alone",
  async (database) => {
    await database.query(`
    create table t (a int, b int, value bytea, extra json, more numeric);
    insert into t values (1, 1, 'k', '{"x": 1}', null), (1, 1, 'k', '{"x": 1}', null), (1, 1, null, null, 1),
                         (null, 1, 'k', null, null), (null, 1, 'k', null, null)`);
    const changes = {
      table: "t",
      columns: ["a", "b"],
      name: "t_key",
      collapse: { valueColumn: "value", placeholders: [] },
    };
    await database.query("insert into t values (1, 1, 'k', '{\"x\":1}', null)");
    assert.match(
      (await previewFailure(database, changes)) ?? "",
      /1 value of \(a, b\) are not copies of each other.*: 1\/1\./,
    );
    await database.query("delete from t where extra::text = '{\"x\":1}'");
    await make(database, changes);
    assert.deepEqual(await database.query("select a, b, value::text, extra::text from t order by a"), [
      { a: 1, b: 1, value: "\\x6b", extra: '{"x": 1}' },
      { a: null, b: 1, value: "\\x6b", extra: null },
      { a: null, b: 1, value: "\\x6b", extra: null },
    ]);
  },
);

test("only what may differ in a copy is left out of the comparison", () => {
  const names = [
    "id",
    "credential_id",
    "vault_id",
    "encrypted_private_key",
    "access_level",
    "created_at",
    "updated_at",
  ];
  const columns = new Map(names.map((name) => [name, { name, type: "text", notNull: true, hasDefault: false }]));
  const table = { oid: 1, schema: "public", name: vault, owned: true, owner: "o", rowsHidden: false, columns };
  const shape = {
    exclusion: false,
    partial: false,
    immediate: true,
    valid: true,
    ready: true,
    live: true,
    plain: true,
  };
  const unique = (name: string, constraintKind: "unique" | "primary") =>
    ({ ...shape, oid: 1, name, columns: [name], unique: true, constraint: name, constraintKind }) as const;
  const indexes = [unique("id", "primary"), unique("vault_id", "unique")];
  const sql = judgedRows({ table, columns: ["credential_id"], collapse, indexes, utf8: true }, false);
  assert.match(sql, /array\[r\."encrypted_private_key"::text collate "C", r\."access_level"::text collate "C"\]/);
});
