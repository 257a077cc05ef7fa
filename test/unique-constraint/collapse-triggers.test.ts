import assert from "node:assert/strict";
import { test } from "node:test";
import { server } from "../support/database";
import { keysIn } from "../support/leaks";
import { collapse, key, left, put } from "./duplicate-rows";
import { credential, make, onEachMajor, vault, withRole } from "./support";

const longKey = "0x3f9a1c5577e0b2d4461890fedcba2233445566778899aabbccddeeff00112233";
const trigger = (body: string, when = "before delete", each = "row"): string => `
  create function on_delete() returns trigger language plpgsql as $$ begin ${body} return old; end $$;
  create trigger on_delete ${when} on ${vault} for each ${each} execute function on_delete()`;

/** A row to remove of one credential, and a row that stays of another. */
const rows = [
  { id: "a", value: longKey, day: 1 },
  { id: "b", value: "", day: 2 },
  { of: 2, id: "c", value: `${longKey}2`, day: 1 },
] as const;

for (const [title, sql] of [
  [
    "empties the row that stays",
    trigger(`update ${vault} set encrypted_private_key = '' where credential_id = old.credential_id;`, "after delete"),
  ],
  [
    "puts a key of the same length into the row that stays",
    trigger(
      `update ${vault} set encrypted_private_key = reverse(encrypted_private_key) where vault_id = 'a';`,
      "after delete",
    ),
  ],
  [
    "removes the row that stays",
    trigger(`if old.vault_id = 'b' then delete from ${vault} where vault_id = 'a'; end if;`),
  ],
  [
    "removes another credential's row",
    trigger(`delete from ${vault} where credential_id <> old.credential_id;`, "after delete"),
  ],
  [
    "writes another credential's row, for each statement",
    trigger(`update ${vault} set encrypted_private_key = '' where vault_id = 'c';`, "before delete", "statement"),
  ],
  [
    "empties the row that stays when the transaction ends",
    `create function on_delete() returns trigger language plpgsql as $$ begin
       update ${vault} set encrypted_private_key = '' where credential_id = old.credential_id; return old; end $$;
     create constraint trigger on_delete after delete on ${vault} initially deferred for each row execute function on_delete()`,
  ],
  [
    "puts its work off to the commit, and then empties the row that stays",
    `create table side (id uuid, n int);
     create function later() returns trigger language plpgsql as $$ begin
       set constraints all deferred;
       if new.n < 3 then insert into public.side values (new.id, new.n + 1);
       else update ${vault} set encrypted_private_key = '' where credential_id = new.id; end if; return null; end $$;
     create constraint trigger later after insert on side deferrable initially deferred for each row execute function later();
     ${trigger("insert into public.side values (old.credential_id, 1);", "after delete")}`,
  ],
] as const) {
  onEachMajor(test, `a delete trigger that ${title} stops it, and nothing is changed`, async (database) => {
    await put(database, ...rows);
    await database.query(sql);
    const all = `select vault_id, encrypted_private_key, updated_at from ${vault} order by 1`;
    const before = await database.query(all);
    await assert.rejects(make(database, { collapse }), (error: Error) => {
      assert.match(error.message, /a trigger changes other rows of that table.*Nothing was removed.*ERR_DUPLICATES/);
      assert.equal(keysIn(error.message, [longKey]), 0);
      return true;
    });
    assert.deepEqual(await database.query(all), before);
  });
}

for (const [title, raise, says] of [
  ["with a key for its text", `raise exception 'not %', (select max(encrypted_private_key) from ${vault});`, "P0001"],
  [
    "with a key for every name",
    `raise exception using errcode = '23514', message = '${longKey}', detail = '${longKey}', schema = '${longKey}',
       table = '${longKey}', column = '${longKey}', constraint = '${longKey}';`,
    "23514 check_violation.",
  ],
  [
    "with a constraint that is there",
    "raise exception using errcode = '23514', constraint = 'credential_vault_storage_pkey';",
    "23514 check_violation (constraint credential_vault_storage_pkey).",
  ],
  ["by an assertion", `assert false, '${longKey}';`, "P0004"],
  ["as if it were cancelled", `raise exception using errcode = '57014', message = '${longKey}';`, "57014"],
  ["as if the connection were lost", `raise exception using errcode = '08006', message = '${longKey}';`, "08006"],
  ["with a code of its own", `raise exception using errcode = '0X3F9', message = '${longKey}';`, "P0001"],
] as const) {
  onEachMajor(test, `a delete trigger that raises ${title} says nothing of it`, async (database, major) => {
    await put(database, ...rows);
    await database.query(trigger(raise));
    const host = await server(major);
    const from = (await host.log()).length;
    await assert.rejects(make(database, { collapse }), (error: Error) => {
      assert.ok(error.message.includes(`PostgreSQL reported ${says}`), error.message);
      assert.equal(keysIn(error.message, [longKey]), 0);
      return true;
    });
    assert.equal(keysIn((await host.log()).slice(from), [longKey]), 0);
    assert.equal(await left(database), "a b c");
  });
}

onEachMajor(test, "a foreign key that forbids it is named, and its rows are not told", async (database) => {
  await put(database, ...rows);
  await database.query(
    `create table referring (id text constraint needs_it references ${vault} (vault_id)); insert into referring values ('b')`,
  );
  await assert.rejects(make(database, { collapse }), {
    message: /PostgreSQL reported 23503 foreign_key_violation \(constraint needs_it\)\./,
  });
  assert.equal(await left(database), "a b c");
});

onEachMajor(
  test,
  "triggers find the role's own search path and row security, for each row and each statement",
  async (database, major) => {
    await put(database, ...rows);
    await withRole(database, major, async ({ name, url }) => {
      await database.query(`
      grant create on schema public to ${name}; alter table ${vault} owner to ${name};
      create schema app authorization ${name};
      alter role ${name} set search_path = app, public; alter role ${name} set row_security = on;
      create table app.seen (what text, path text, rls text); alter table app.seen owner to ${name};
      create function note() returns trigger language plpgsql as $$ begin
        insert into seen values (tg_when || ' ' || tg_level, current_setting('search_path'), current_setting('row_security'));
        perform set_config('search_path', 'app', false);
        perform set_config('search_path', 'app, public', false);
        return old; end $$;
      create trigger a before delete on ${vault} for each statement execute function note();
      create trigger b before delete on ${vault} for each row execute function note();
      create trigger c after delete on ${vault} for each row execute function note();
      create trigger d after delete on ${vault} for each statement execute function note();
      create constraint trigger e after delete on ${vault} initially deferred for each row execute function note();`);
      await make({ url }, { collapse });
      assert.deepEqual(
        (await database.query<{ line: string }>("select concat_ws(' | ', what, path, rls) as line from app.seen"))
          .map(({ line }) => line)
          .sort(),
        ["AFTER ROW", "AFTER ROW", "AFTER STATEMENT", "BEFORE ROW", "BEFORE STATEMENT"].map(
          (what) => `${what} | app, public | on`,
        ),
      );
      assert.equal(await left(database), "a c");
    });
  },
);

onEachMajor(test, "of many credentials the first are named, and the others counted", async (database) => {
  await put(database);
  await database.query(`
    insert into project_credentials (project_id, credential_type) select gen_random_uuid(), 'x' from generate_series(1, 28);
    insert into ${vault} (credential_id, vault_id, encrypted_private_key, access_level)
      select id, n || ' ' || id, case n when 3 then '' else '${key}' end, 'project_admin' from project_credentials, generate_series(1, 3) n`);
  const lines: string[] = [];
  await make(database, { collapse }, lines);
  const told = lines.filter((line) => line.includes("identical rows"));
  assert.equal(told.length, 21);
  assert.equal(told[0], `${credential(1)}: removed 1 empty and 1 identical rows`);
  assert.equal(told.at(-1), "and of 10 more; 30 empty and 30 identical rows were removed in all");
});
