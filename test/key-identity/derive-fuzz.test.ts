import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { testedMajors } from "../support/database";
import { families } from "../support/derivation-families";
import { draws, judgeDirectly, judgeOn, type Pair } from "../support/deriving";

/** Texts that take the place of a part, or of all. */
const pieces = [
  "",
  " ",
  "0",
  "1",
  "0x",
  "[",
  "]",
  ",",
  "-1",
  "999999999999",
  "\\",
  "\\x41",
  "'",
  "\u{1F511}",
  "é",
  "1e400",
  "NaN",
  "\u0001",
  "s",
  "r",
  "G",
  "bc1",
  "1".repeat(60),
  "z".repeat(200),
  "f".repeat(64),
  "ed25519:",
  "suiprivkey1",
  "[1,2",
  "{}",
];

/** Numbers from 0 up that are the same in each run, as fast-check's would not be. */
function random(seed: string): (below: number) => number {
  let n = 0;
  return (below) => createHash("sha256").update(`${seed} ${n++}`).digest().readUInt32BE() % below;
}

/** A text of a family that somebody changed: letters lost, doubled, exchanged, something put in, halves of two texts. */
function damaged(text: string, other: string, below: (n: number) => number): string {
  const at = below(text.length + 1);
  const piece = pieces[below(pieces.length)] as string;
  const ways = [
    () => text.slice(0, at) + text.slice(at + 1),
    () => text.slice(0, at) + (text[at] ?? "") + text.slice(at),
    () => text.slice(0, at) + piece + text.slice(at),
    () => text.slice(0, at) + piece + text.slice(at + piece.length),
    () => text.slice(0, at) + other.slice(at),
    () => (at % 2 ? text.toUpperCase() : text.toLowerCase()),
    () => piece,
    () => text,
  ];
  return (ways[below(ways.length)] as () => string)();
}

const networks = [null, "", "ethereum", "near", "sui", "aptos", "bitcoin", "é", "x"];

for (const major of testedMajors)
  test(`no text of a key or an address makes an error (PostgreSQL ${major})`, async () => {
    const below = random(`fuzz ${major}`);
    const key = createHash("sha256").update("fuzzed").digest();
    const known = families.map((family) => ({ forms: family.keys(key), address: family.address(key) }));
    const keys = known.flatMap(({ forms }) => forms);
    const addresses = known.map(({ address }) => address);
    const one = (of: readonly string[]): string => of[below(of.length)] as string;
    const pairs = Array.from({ length: draws * 50 }, (): Pair => {
      const { forms, address } = known[below(known.length)] as (typeof known)[number];
      const keyBroken = below(3);
      return {
        key: keyBroken === 0 ? one(forms) : damaged(one(forms), one(keys), below),
        address: keyBroken === 2 ? address : damaged(address, one(addresses), below),
        network: networks[below(networks.length)],
        type: networks[below(networks.length)],
      };
    });
    const judged = await judgeOn(major, pairs);
    assert.equal(judged.length, pairs.length);
    for (const { finding, opens } of judged) {
      assert.match(finding, /^(proven|mismatch|addressImpossible|notDerivable)$/);
      assert.equal(opens !== null, finding === "mismatch");
    }
    // Without what catches errors around it.
    assert.deepEqual(await judgeDirectly(major, pairs), judged);
  });
