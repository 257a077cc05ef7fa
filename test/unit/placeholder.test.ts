import assert from "node:assert/strict";
import { test } from "node:test";
import { isPlaceholder } from "../../components/placeholder";
import { testedMajors, withDatabase } from "../support/database";
import { transfer, withConstraint } from "../../testing/transfer";

for (const major of testedMajors) {
  test(`of all characters, exactly Unicode's White_Space and U+FEFF are no key by themselves (PostgreSQL ${major})`, async () => {
    await withDatabase({ major }, async ({ query }) => {
      const rows = await query<{ code: number }>(`
        select code from (select code, chr(code) as value from generate_series(1, 1114111) code where code not between 55296 and 57343) t
         where ${isPlaceholder("value", [], true)} order by code`);
      const expected = Array.from({ length: 0x110000 }, (_, code) => code).filter(
        (code) => !(code >= 0xd800 && code <= 0xdfff) && /^[\p{White_Space}\ufeff]$/u.test(String.fromCodePoint(code)),
      );
      assert.deepEqual(
        rows.map(({ code }) => code),
        expected,
      );
    });
  });
}

test("a listed placeholder counts as it is spelled, and null is neither", async () => {
  await withDatabase({}, async ({ query }) => {
    const is = async (value: string | null, listed: readonly string[]): Promise<unknown> =>
      (await query<{ is: unknown }>(`select ${isPlaceholder("$1::text", listed, true)} as is`, [value]))[0]?.is;
    const listed = ["MIGRATION_REQUIRED", 'it\'s {no} "key" \\'];
    for (const value of [...listed, "", " ", "\t\n"]) assert.equal(await is(value, listed), true);
    for (const value of ["migration_required", " MIGRATION_REQUIRED", "MIGRATION_REQUIRED\n", "x", "null"])
      assert.equal(await is(value, listed), false);
    assert.equal(await is("MIGRATION_REQUIRED", []), false);
    assert.equal(await is(null, listed), null);
  });
});

for (const major of testedMajors)
  test(`thousands of placeholders are no deeper than one (PostgreSQL ${major})`, async () => {
    const listed = ["MIGRATION_REQUIRED", ...Array.from({ length: 5_000 }, (_, n) => `placeholder ${n}`)];
    const sql = `${withConstraint}; update project_credentials set metadata = '{"private_key_encrypted": "placeholder 4999"}' where key_vault_id = 'kv-1'`;
    await withDatabase({ major, load: ["wallet-system", ["waiting", 3]], sql }, async ({ url, query }) => {
      const { found } = await transfer(url, { wallets: { placeholders: listed } });
      assert.deepEqual([found.counts.states.stored, found.counts.states.missingKey], [2, 1]);
      for (const value of ["placeholder 0", "placeholder 4999", "MIGRATION_REQUIRED", " "])
        assert.deepEqual(await query(`select ${isPlaceholder("$1::text", listed, false)} as is`, [value]), [
          { is: true },
        ]);
      for (const value of ["placeholder 5000", "Placeholder 0"])
        assert.deepEqual(await query(`select ${isPlaceholder("$1::text", listed, true)} as is`, [value]), [
          { is: false },
        ]);
    });
  });
