import assert from "node:assert/strict";
import { test } from "node:test";
import { checkConstraint } from "../../components/unique-constraint/preconditions";
import {
  constraintName,
  declaration,
  done,
  make,
  onEachMajor,
  previewFailure,
  uniqueIndexes,
  untouched,
  vault,
  withRole,
} from "./support";

const silent = (): void => {};

onEachMajor(test, "a preview with everything in order says nothing and writes nothing", async (database) => {
  assert.equal(await previewFailure(database), undefined);
  assert.deepEqual(await uniqueIndexes(database), untouched);
});

for (const [title, sql, said] of [
  [
    "a check constraint",
    `alter table ${vault} add constraint ${constraintName} check (vault_id <> '')`,
    "a check constraint",
  ],
  [
    "a unique constraint on other columns",
    `alter table ${vault} add constraint ${constraintName} unique (credential_id, vault_id)`,
    "an index of table",
  ],
  [
    "a partial index",
    `create unique index ${constraintName} on ${vault} (credential_id) where access_level = 'revoked'`,
    "an index",
  ],
  [
    "another table's index",
    `create index ${constraintName} on project_credentials (network)`,
    "of table public.project_cred",
  ],
  ["a view", `create view ${constraintName} as select 1 as one`, "a view"],
  ["a sequence", `create sequence ${constraintName}`, "a sequence"],
] as const) {
  onEachMajor(test, `where ${title} has the name, preview and update stop and say so`, async (database) => {
    await database.query(sql);
    const before = await uniqueIndexes(database);
    const reason = (await previewFailure(database)) ?? "";
    assert.match(reason, new RegExp(`cannot be named ${constraintName}: .*${said}.*ERR_NAME_TAKEN`));
    await assert.rejects(make(database), { code: "ERR_NAME_TAKEN" });
    assert.deepEqual(await uniqueIndexes(database), before);
  });
}

onEachMajor(test, "a taken name is no matter where another constraint serves", async (database) => {
  await database.query(`
    create view ${constraintName} as select 1 as one;
    alter table ${vault} add constraint other_name unique (credential_id)`);
  assert.equal(await previewFailure(database), undefined);
  assert.equal((await make(database)).name, "other_name");
});

onEachMajor(test, "the same name in another schema is free", async (database) => {
  await database.query(`create schema other; create view other.${constraintName} as select 1 as one`);
  assert.equal((await make(database)).origin, "created");
});

const upsert = `explain insert into ${vault} default values on conflict (credential_id) do nothing`;

for (const [title, sql] of [
  ["a rule that does something else too", `create rule r as on insert to ${vault} do also select 1`],
  ["a rule that swallows inserts", `create rule r as on insert to ${vault} do instead nothing`],
  ["a rule on some inserts", `create rule r as on insert to ${vault} where new.vault_id = '' do instead nothing`],
  ["a rule on updates", `create rule r as on update to ${vault} do also select 1`],
  [
    "a disabled rule on updates",
    `create rule r as on update to ${vault} do also select 1; alter table ${vault} disable rule r`,
  ],
] as const) {
  onEachMajor(test, `${title} stops the preview, also where a constraint is there; none is made`, async (database) => {
    await database.query(sql);
    assert.match(
      (await previewFailure(database)) ?? "",
      new RegExp(`public.${vault} has rule r: .*0A000.*trigger, then: drop rule "r" on .*ERR_TABLE_UNSUPPORTED`),
    );
    await assert.rejects(make(database), { code: "ERR_TABLE_UNSUPPORTED" });
    assert.deepEqual(await uniqueIndexes(database), untouched);
    await database.query(`alter table ${vault} add constraint ${constraintName} unique (credential_id)`);
    // Where PostgreSQL lets the statement through, the rule throws rows away.
    if (!sql.includes("do instead nothing")) await assert.rejects(database.query(upsert), { code: "0A000" });
    assert.match((await previewFailure(database)) ?? "", /ERR_TABLE_UNSUPPORTED/);
  });
}

for (const [title, sql] of [
  [
    "a disabled rule on inserts",
    `create rule r as on insert to ${vault} do also select 1; alter table ${vault} disable rule r`,
  ],
  ["a rule on deletes", `create rule r as on delete to ${vault} do also select 1`],
] as const) {
  onEachMajor(test, `${title} is nobody's concern`, async (database) => {
    await database.query(sql);
    assert.equal(await previewFailure(database), undefined);
    assert.equal((await make(database)).origin, "created");
    await database.query(upsert);
  });
}

onEachMajor(test, "a table, a column or a plain table that is not there is named in the preview", async (database) => {
  assert.match(
    (await previewFailure(database, { table: "nowhere" })) ?? "",
    /no table public\.nowhere.*ERR_TABLE_MISSING/,
  );
  assert.match(
    (await previewFailure(database, { columns: ["nothing"] })) ?? "",
    /no column nothing.*ERR_COLUMN_MISSING/,
  );
  await database.query(`create view a_view as select * from ${vault}`);
  assert.match((await previewFailure(database, { table: "a_view" })) ?? "", /a view.*ERR_TABLE_UNSUPPORTED/);
});

onEachMajor(
  test,
  "a role that does not own the table may adopt, and is told whom to ask for more",
  async (database, major) => {
    await withRole(database, major, async (role) => {
      await database.query(
        `alter table ${vault} disable row level security; grant select, insert on ${vault} to ${role.name}`,
      );
      const reason = (await previewFailure(role)) ?? "";
      assert.match(
        reason,
        new RegExp(`Role ${role.name} does not own .*public.${vault}.*owner is postgres.*ERR_PRIVILEGE`),
      );
      await assert.rejects(make(role), { code: "ERR_PRIVILEGE" });
      assert.deepEqual(await uniqueIndexes(database), untouched);

      await make(database);
      assert.equal(await previewFailure(role), undefined);
      assert.equal((await make(role)).origin, "adopted");
      await database.query(`revoke insert on ${vault} from ${role.name}`);
      assert.match((await previewFailure(role)) ?? "", /may not insert .*grant select, insert on .*ERR_PRIVILEGE/);
    });
  },
);

onEachMajor(
  test,
  "an owner that may not create in the schema is told so before anything is built",
  async (database, major) => {
    await withRole(database, major, async (role) => {
      await database.query(`revoke create on schema public from public; alter table ${vault} owner to ${role.name}`);
      assert.match(
        (await previewFailure(role)) ?? "",
        /may not create an index in schema public.*grant create.*ERR_PRIVILEGE/,
      );
      await database.query(`grant create on schema public to ${role.name}`);
      assert.equal(await previewFailure(role), undefined);
      assert.equal((await make(role)).origin, "created");
    });
  },
);

onEachMajor(test, "where row-level security hides rows, nothing is said about duplicates", async (database, major) => {
  await withRole(database, major, async (role) => {
    await database.query(`grant select, insert on ${vault}, project_credentials to ${role.name}`);
    assert.match((await previewFailure(role)) ?? "", /Row-level security hides rows.*ERR_ROWS_HIDDEN/);
    await assert.rejects(make(role), { code: "ERR_ROWS_HIDDEN" });
  });
});

test("inputs that are not known yet stop nothing", async () => {
  const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  for (const news of [
    { ...declaration(), table: unknown },
    { ...declaration(), columns: [unknown] },
  ]) {
    assert.deepEqual(await checkConstraint("postgresql://nobody@127.0.0.1:1/none", news, silent), {
      inputs: news,
      failures: [],
    });
  }
});

test("impossible inputs and an unreachable server are reasons to stop, in words", async () => {
  const reasonFor = async (changes: Record<string, unknown>) =>
    (await checkConstraint("postgresql://nobody:secret@127.0.0.1:1/none", { ...declaration(), ...changes }, silent))
      .failures[0]?.reason ?? "";
  assert.match(await reasonFor({}), /cannot be reached.*ERR_CONNECTION/);
  assert.doesNotMatch(await reasonFor({}), /secret/);
  assert.match(await reasonFor({ name: "x".repeat(64) }), /name is not a name of 1 to 63 bytes.*ERR_CONFIGURATION/);
  assert.match(await reasonFor({ columns: [] }), /columns is not one to 32 different column names/);
  assert.match(await reasonFor({ columns: ["a", "a"] }), /columns is not/);
  assert.match(await reasonFor({ lockTimeoutMs: 0 }), /lockTimeoutMs is not a number from 1 to 60000/);
  assert.match(await reasonFor({ collapse: { valueColumn: 1 } }), /collapse is not/);
});

onEachMajor(test, "what was refused goes through once its cause is put right", async (database) => {
  await database.query(`create view ${constraintName} as select 1 as one`);
  await assert.rejects(make(database), { code: "ERR_NAME_TAKEN" });
  await database.query(`drop view ${constraintName}`);
  await make(database);
  assert.deepEqual(await uniqueIndexes(database), done);
});
