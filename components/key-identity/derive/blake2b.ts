import { pureFunction } from "./pure-function";

// RFC 7693. A word of 64 bits is an int8; sums are made of halves, because PostgreSQL has an int8 overflow raise an error.

const start = [
  0x6a09e667f3bcc908n,
  0xbb67ae8584caa73bn,
  0x3c6ef372fe94f82bn,
  0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n,
  0x9b05688c2b3e6c1fn,
  0x1f83d9abfb41bd6bn,
  0x5be0cd19137e2179n,
] as const;

/** Section 2.7. The rounds 10 and 11 take the first two again. */
const permutations = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
] as const;

const half = 0xffffffff;
const sum = (to: string, ...terms: readonly string[]): string =>
  `s := ${terms.map((term) => `(${term} & ${half})`).join(" + ")};
  ${to} := ((${terms.map((term) => `((${term} >> 32) & ${half})`).join(" + ")} + (s >> 32)) << 32) | (s & ${half});`;

/** Rotated right: \`>>\` copies the sign, so that what it leaves of it is masked. */
const turned = (to: string, a: string, b: string, by: number): string =>
  `s := ${a} # ${b}; ${to} := ((s >> ${by}) & ${2n ** BigInt(64 - by) - 1n}) | (s << ${64 - by});`;

/** Section 3.1. */
const mix = (a: number, b: number, c: number, d: number, x: number, y: number): string =>
  [
    sum(`v${a}`, `v${a}`, `v${b}`, `m${x}`),
    turned(`v${d}`, `v${d}`, `v${a}`, 32),
    sum(`v${c}`, `v${c}`, `v${d}`),
    turned(`v${b}`, `v${b}`, `v${c}`, 24),
    sum(`v${a}`, `v${a}`, `v${b}`, `m${y}`),
    turned(`v${d}`, `v${d}`, `v${a}`, 16),
    sum(`v${c}`, `v${c}`, `v${d}`),
    turned(`v${b}`, `v${b}`, `v${c}`, 63),
  ].join("\n  ");

const round = (s: readonly number[]): string =>
  [0, 1, 2, 3, 4, 5, 6, 7]
    .map((i) => {
      const [x, y] = [s[2 * i] as number, s[2 * i + 1] as number];
      const diagonal = i < 4 ? 0 : 1;
      const column = i % 4;
      return mix(
        column,
        4 + ((column + diagonal) % 4),
        8 + ((column + 2 * diagonal) % 4),
        12 + ((column + 3 * diagonal) % 4),
        x,
        y,
      );
    })
    .join("\n  ");

const word = (value: bigint): string => `'${BigInt.asIntN(64, value)}'`;
const words = Array.from({ length: 16 }, (_, i) => i);
const block = (i: number): string =>
  [0, 1, 2, 3, 4, 5, 6, 7].map((j) => `(get_byte(block, ${8 * i + j})::int8 << ${8 * j})`).join(" | ");

/** BLAKE2b without a key, with 32 bytes of output, of a message of at most 128 bytes; both as hex digits. */
export const blake2b = (() => {
  const h = start.map((value, i) => (i === 0 ? value ^ 0x01010020n : value));
  const initial = [...h, ...start].map((value, i) => (i === 14 ? value ^ (2n ** 64n - 1n) : value));
  return pureFunction(
    "blake2b(message text)",
    "text",
    `
declare
  block bytea := decode(rpad(message, 256, '0'), 'hex');
  ${words.map((i) => `m${i} int8 := ${block(i)};`).join("\n  ")}
  ${initial.map((value, i) => `v${i} int8 := ${word(value)};`).join(" ")}
  s int8;
begin
  v12 := v12 # (length(message) / 2);
  ${[...permutations, permutations[0], permutations[1]].map(round).join("\n  ")}
  return pg_temp.wallet_vault_reversed(${[3, 2, 1, 0].map((i) => `lpad(to_hex(v${i} # v${i + 8} # ${word(h[i] as bigint)}), 16, '0')`).join(" || ")});
end `,
  );
})();
