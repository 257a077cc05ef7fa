import assert from "node:assert/strict";
import { test } from "node:test";
import { isPlaceholder } from "../../components/key-transfer/placeholder";
import { testedMajors, withDatabase } from "../support/database";

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
