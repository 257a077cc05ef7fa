import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { testedMajors } from "../support/database";
import { families } from "../support/derivation-families";
import { draws, judgeOn } from "../support/deriving";

/** Keys of 32 bytes that are the same in each run. */
const drawn = (name: string, n: number): Uint8Array => createHash("sha256").update(`${name} ${n}`).digest();

for (const major of testedMajors)
  for (const { name, keys, address, opens, network } of families)
    test(`a key of ${name} opens the address that noble and scure derive, and no other (PostgreSQL ${major})`, async () => {
      const cases = Array.from({ length: draws }, (_, n) => {
        const key = drawn(name, n);
        const forms = keys(key);
        const stored = forms[n % forms.length] as string;
        const own = address(key);
        return { stored, own, other: address(drawn(`${name}, another`, n)), opens: opens?.(key, stored) ?? own };
      });
      const judged = await judgeOn(
        major,
        cases.flatMap(({ stored, own, other }) => [
          { key: stored, address: own, network },
          { key: stored, address: other, network },
        ]),
      );
      assert.deepEqual(
        judged,
        cases.flatMap((one) => [
          { finding: "proven", opens: null },
          { finding: "mismatch", opens: one.opens },
        ]),
      );
    });
