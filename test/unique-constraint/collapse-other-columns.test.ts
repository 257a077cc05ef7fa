import assert from "node:assert/strict";
import { test } from "node:test";
import { collapse, key, left, put } from "./duplicate-rows";
import { make, onEachMajor, previewFailure, vault } from "./support";

const copy = [
  { id: "a", value: key, day: 1 },
  { id: "b", value: key, day: 2 },
];
const empty = [
  { id: "a", value: key, day: 1 },
  { id: "b", value: "MIGRATION_REQUIRED", day: 2 },
];
const set = (id: string, assignment: string) => `update ${vault} set ${assignment} where vault_id = '${id}'`;
const secondKey = `alter table ${vault} add encrypted_mnemonic text unique`;

for (const [title, rows, sql] of [
  [
    "a copy whose second key, unique by itself, is another one",
    copy,
    `${secondKey}; ${set("a", "encrypted_mnemonic = 'SEED1'")}; ${set("b", "encrypted_mnemonic = 'SEED2'")}`,
  ],
  ["a copy that alone has a second key", copy, `${secondKey}; ${set("b", "encrypted_mnemonic = 'SEED'")}`],
  ["an empty row that alone has a second key", empty, `${secondKey}; ${set("b", "encrypted_mnemonic = 'SEED'")}`],
  [
    "an empty row whose second key is another one",
    empty,
    `${secondKey}; ${set("a", "encrypted_mnemonic = 'SEED1'")}; ${set("b", "encrypted_mnemonic = 'SEED2'")}`,
  ],
  [
    "an empty row that is younger than another one and has a second key",
    empty.map((row) => ({ ...row, value: "" })),
    `${secondKey}; ${set("b", "encrypted_mnemonic = 'SEED'")}`,
  ],
  [
    "a copy whose second key is a part of the primary key",
    copy,
    `alter table ${vault} add seed text default 'SEED'; ${set("b", "seed = 'SEED2'")};
     alter table ${vault} drop constraint ${vault}_pkey, add primary key (credential_id, seed)`,
  ],
  ["a copy that is revoked", copy, set("b", "revoked_at = now()")],
  ["an empty row that is revoked", empty, set("b", "revoked_at = now()")],
  ["an empty row that is revoked by its level", empty, set("b", "access_level = 'revoked'")],
  ["a copy that was encrypted otherwise", copy, set("b", "encryption_method = 'AES-256-CBC'")],
  ["an empty row that names who revoked it", empty, set("b", "revoked_by = gen_random_uuid()")],
  [
    "an empty row with what its default, a function, once gave",
    empty,
    `create sequence s; alter table ${vault} add serial_number text default nextval('s')::text`,
  ],
] as const) {
  onEachMajor(test, `${title} is for a person; it stays`, async (database) => {
    await put(database, ...rows);
    await database.query(sql);
    const reason = (await previewFailure(database, { collapse })) ?? "";
    assert.match(reason, /the rows of 1 value of \(credential_id\) are not copies .*ERR_DUPLICATES/);
    assert.doesNotMatch(reason, /SEED|KEY/);
    await assert.rejects(make(database, { collapse }), { code: "ERR_DUPLICATES" });
    assert.equal(await left(database), "a b");
  });
}

for (const [title, rows, sql] of [
  ["a copy of which a backup was made, or not", copy, set("b", "backup_created = false")],
  ["an empty row of which no backup was made", empty, set("b", "backup_created = false")],
  [
    "an empty row with defaults, where the row that stays has other values,",
    empty,
    set("a", "access_level = 'project_member', encryption_method = 'AES-256-CBC', revoked_at = now()"),
  ],
  [
    "an empty row without values where the row that stays has some",
    empty,
    `${secondKey}; ${set("a", "encrypted_mnemonic = 'SEED', revoked_by = id")}; ${set("b", "encryption_method = null")}`,
  ],
  [
    "an empty row that is revoked, as the row that stays is,",
    empty,
    `update ${vault} set access_level = 'revoked', revoked_at = '2025-01-01'`,
  ],
  [
    "a copy whose generated column tells of the columns that may differ",
    copy,
    `alter table ${vault} add shout text generated always as (upper(vault_id)) stored`,
  ],
] as const) {
  onEachMajor(test, `${title} goes: nothing is lost with it`, async (database) => {
    await put(database, ...rows);
    await database.query(sql);
    assert.equal(await previewFailure(database, { collapse }), undefined);
    assert.equal((await make(database, { collapse })).origin, "created");
    assert.equal(await left(database), "a");
  });
}
