import assert from "node:assert/strict";
import { test } from "node:test";
import { base58, hex } from "@scure/base";
import { testedMajors } from "../support/database";
import * as oracle from "../support/derivation-oracle";
import { families } from "../support/derivation-families";
import { judgeOn, type Pair } from "../support/deriving";

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const keyOf = (n: bigint): Uint8Array => hex.decode(n.toString(16).padStart(64, "0"));
const someKey = keyOf((0x1ffn << 240n) | 77n);
const address = oracle.evm(someKey);
const findings = async (major: 14 | 18, pairs: readonly Pair[]): Promise<string[]> =>
  (await judgeOn(major, pairs)).map(({ finding }) => finding);
const all = (pairs: readonly unknown[], finding: string): string[] => pairs.map(() => finding);

/** Scalars at the ends, with leading zeros, and about the steps of windows of any size, where a digit carries. */
const scalars = [
  1n,
  2n,
  3n,
  5n,
  order - 1n,
  order - 2n,
  order - 3n,
  order / 2n,
  order / 2n + 1n,
  order / 2n - 1n,
  ...[8n, 64n, 128n, 200n, 248n].map((bits) => 2n ** bits - 1n),
  ...Array.from({ length: 255 }, (_, bit) => [
    2n ** BigInt(bit),
    2n ** BigInt(bit + 1) - 1n,
    order - 2n ** BigInt(bit),
  ]).flat(),
  // Twice a multiple of a high window's step: the sum of the windows below it may equal it.
  ...[245n, 248n, 250n, 252n, 253n].flatMap((at) =>
    [1n, 3n, 5n, 7n, 31n].map((digit) => (2n * digit * 2n ** at) % order),
  ),
  // Repeated digits of windows of 8 to 12 bits: all of them the least, or the greatest.
  ...[8n, 9n, 10n, 11n, 12n].flatMap((bits) =>
    [2n ** (bits - 1n), 2n ** (bits - 1n) - 1n, 2n ** (bits - 1n) + 1n].map((digit) => {
      let scalar = 0n;
      for (let at = 0n; at < 256n; at += bits) scalar += digit << at;
      return scalar % order;
    }),
  ),
].filter((scalar) => scalar > 0n && scalar < order);

for (const major of testedMajors as readonly (14 | 18)[]) {
  test(`keys at the ends of what a key can be open their addresses (PostgreSQL ${major})`, async () => {
    const pairs = scalars.map((scalar) => ({ key: hex.encode(keyOf(scalar)), address: oracle.evm(keyOf(scalar)) }));
    assert.deepEqual(await findings(major, pairs), all(pairs, "proven"));
    const tweaked = scalars
      .slice(0, 20)
      .map((scalar) => ({ key: oracle.wif(keyOf(scalar)), address: oracle.p2tr(keyOf(scalar)) }));
    assert.deepEqual(await findings(major, tweaked), all(tweaked, "proven"));
    const seeds = ["00".repeat(32), "ff".repeat(32), `${"00".repeat(31)}01`, `01${"00".repeat(31)}`].map((seed) => ({
      key: seed,
      address: oracle.solana(hex.decode(seed)),
    }));
    assert.deepEqual(await findings(major, seeds), all(seeds, "proven"));
  });

  test(`0, the order, more than the order and another length are no key (PostgreSQL ${major})`, async () => {
    const digits = hex.encode(someKey);
    const keys = [
      ...[0n, order, order + 1n, 2n ** 256n - 1n].map((n) => n.toString(16).padStart(64, "0")),

      digits.slice(1),
      `${digits}0`,
      `0x${digits.slice(2)}`,
      `0x${digits}00`,
      digits.repeat(2),
      "0x",
      "",
      " ",
      null,

      `0x0x${digits}`,
      `${digits.slice(0, 63)}g`,
      `-${digits.slice(1)}`,
      `${digits.slice(0, 32)} ${digits.slice(32)}`,
    ];
    for (const to of [address, oracle.injective(someKey), oracle.p2wpkh(someKey), oracle.xrp(someKey)]) {
      const pairs = keys.map((key) => ({ key, address: to }));
      const expected = pairs.map(({ key }) =>
        to.startsWith("r") && key?.length === 64 && !/[^0-9a-f]/.test(key) ? "mismatch" : "notDerivable",
      );
      assert.deepEqual(await findings(major, pairs), expected, to);
    }
  });

  test(`a sealed key, a mnemonic and another family's key are not derivable (PostgreSQL ${major})`, async () => {
    const keys = [
      JSON.stringify({ version: 1, salt: "00", iv: "00", encrypted: hex.encode(someKey), authTag: "00" }),
      "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..48V1_ALb6US04U3b.5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4",
      `vault:v1:${Buffer.from(someKey).toString("base64")}`,
      "test test test test test test test test test test test junk",
      oracle.strkey(0x90, someKey),
      oracle.suiKey(2, someKey),
      base58.encode(oracle.bytes(someKey, 1)),
      JSON.stringify([...someKey, 256, ...someKey].slice(0, 64)),
      JSON.stringify([...someKey].slice(1)),
      "[1,2,3",
      "MIGRATION_REQUIRED",
    ];
    for (const to of [
      address,
      oracle.solana(someKey),
      oracle.sui(someKey),
      oracle.xrp(someKey),
      oracle.near(someKey),
    ]) {
      const pairs = keys.map((key) => ({ key, address: to }));
      assert.deepEqual(await findings(major, pairs), all(pairs, "notDerivable"), to);
    }
  });

  test(`white space around a key or an address does not matter (PostgreSQL ${major})`, async () => {
    const pairs = [
      { key: ` 0x${hex.encode(someKey)}\n`, address },
      { key: hex.encode(someKey), address: `\t${address}\r\n` },
    ];
    assert.deepEqual(await findings(major, pairs), all(pairs, "proven"));
  });

  test(`an address with a wrong checksum, length or letter is one that no key can have (PostgreSQL ${major})`, async () => {
    const replaced = (text: string, at: number): string => {
      const [one, another] = text === text.toUpperCase() ? ["Q", "P"] : ["q", "p"];
      return `${text.slice(0, at)}${text.at(at) === one ? another : one}${text.slice(text.length + at + 1)}`;
    };
    const broken = [
      oracle.p2pkh(someKey),
      oracle.p2sh(someKey),
      oracle.p2wpkh(someKey),
      oracle.p2tr(someKey),
      oracle.xrp(someKey),
      oracle.stellar(someKey),
      oracle.injective(someKey),
      oracle.cosmos(someKey),
      oracle.p2wpkh(someKey, "tb"),
      oracle.p2pkh(someKey, 0x6f),
      oracle.cosmos(someKey, "osmo"),
    ].map((one) => replaced(one, -5));
    const others = [
      address.slice(0, -1),
      `${address}0`,
      "0x",
      "0x0",
      `0x${"0".repeat(40)}`,
      `0x${"g".repeat(40)}`,
      "0xPENDING",
      oracle.aptos(someKey).slice(0, -3),
      `${oracle.sui(someKey)}0`,
      // The mark of an application that has no address yet, and what some of them generated.
      "MIGRATION_REQUIRED",
      "pending",
      `G${hex.encode(someKey).slice(0, 55)}`,
      `1${hex.encode(someKey).slice(0, 33)}`,
      `bc1q${hex.encode(someKey).slice(0, 38)}`,
      `r${hex.encode(someKey).slice(0, 33)}`,
      oracle.p2wpkh(someKey).replace("bc1q", "bc1p"),
    ];
    const pairs = [...broken, ...others].map((one) => ({
      key: hex.encode(someKey),
      address: one,
      network: "ethereum",
      type: "ethereum_wallet",
    }));
    const judged = await judgeOn(major, pairs);
    assert.deepEqual(
      judged.map(({ finding }, i) => [pairs[i]?.address, finding]),
      pairs.map((pair) => [pair.address, "addressImpossible"]),
    );
    assert.deepEqual(
      judged.filter(({ opens }) => opens !== null),
      [],
    );
  });

  test(`no address, a name and an unknown form are not derivable (PostgreSQL ${major})`, async () => {
    const p2wsh = "bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3";
    const pairs: Pair[] = [
      ...[null, "", "  ", "alice.near", "wallet.eth", p2wsh].map((one) => ({ key: hex.encode(someKey), address: one })),
      { key: hex.encode(someKey), address: "alice", network: "near" },
      // Tron, Dogecoin, Cardano, Polkadot: their own chains, and under the default.
      ...["TJRabPrwbZy45sbavfcjinPJC18kjpRTv8", "D7wbmbjBWG5HPkT6d4gh6SdQPp6z25vcF2"].flatMap((one) =>
        ["tron", "ethereum", null].map((network) => ({ key: hex.encode(someKey), address: one, network })),
      ),
      {
        key: hex.encode(someKey),
        address: "addr1vx2fxv2umyhttkxyxp8x0dlpdt3k6cwng5pxj3jhsydzers66hrl8",
        network: "cardano",
      },
      { key: hex.encode(someKey), address: "14E5nqKAp3oAJcmzgZhUD2RcptBeUBScxKHgJKU4HPNcKVf3", network: "polkadot" },
    ];
    const judged = await judgeOn(major, pairs);
    assert.deepEqual(
      judged.map(({ finding }, i) => [pairs[i]?.address, pairs[i]?.network, finding]),
      pairs.map((pair) => [pair.address, pair.network, "notDerivable"]),
    );
  });

  test(`the address's shape decides, whatever network and type say (PostgreSQL ${major})`, async () => {
    const pairs = families
      .filter(({ network }) => network === undefined)
      .flatMap(({ name, keys, address: of }) =>
        [
          ["ethereum", "ethereum_wallet"],
          ["solana", "solana_wallet"],
          ["mainnet", "wallet"],
          ["polkadot", null],
        ].map(([network, type]) => ({ name, key: keys(someKey)[0] as string, address: of(someKey), network, type })),
      );
    const judged = await findings(major, pairs);
    assert.deepEqual(
      pairs.filter((_, i) => judged[i] !== "proven").map(({ name, network }) => `${name} on ${network}`),
      [],
    );
  });

  test(`the finding of a wallet does not depend on the others of a call (PostgreSQL ${major})`, async () => {
    const good = families
      .slice(0, 8)
      .map(({ keys, address: of, network }) => ({ key: keys(someKey)[0] as string, address: of(someKey), network }));
    const bad: Pair[] = [
      { key: null, address: null },
      { key: "0".repeat(64), address },
      { key: order.toString(16), address },
      { key: "1", address: "1" },
    ];
    const mixed = good.flatMap((one, i) => [one, bad[i % bad.length] as Pair]);
    const judged = await findings(major, mixed);
    for (const [i, pair] of mixed.entries()) assert.deepEqual(await findings(major, [pair]), [judged[i]]);
    assert.deepEqual(judged.filter((finding) => finding === "proven").length, good.length);
    assert.deepEqual(await findings(major, []), []);
  });
}
