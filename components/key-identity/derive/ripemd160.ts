import { pureFunction } from "./pure-function";

// H. Dobbertin, A. Bosselaers, B. Preneel, "RIPEMD-160: A Strengthened Version of RIPEMD", 1996, table 1.

/** The order of the message's words: of a round it is that of the round before, permuted. */
const rho = [7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8] as const;
const words = Array.from({ length: 16 }, (_, i) => i);
const wordsOf = (round: number, first: readonly number[]): readonly number[] =>
  round === 0
    ? first
    : wordsOf(
        round - 1,
        first.map((word) => rho[word] as number),
      );

/** Bits of a step's rotation, by round and word. */
const shifts = [
  [11, 14, 15, 12, 5, 8, 7, 9, 11, 13, 14, 15, 6, 7, 9, 8],
  [12, 13, 11, 15, 6, 9, 9, 7, 12, 15, 11, 13, 7, 8, 7, 7],
  [13, 15, 14, 11, 7, 7, 6, 8, 13, 14, 13, 12, 5, 5, 6, 9],
  [14, 11, 12, 14, 8, 6, 5, 5, 15, 12, 15, 14, 9, 9, 8, 6],
  [15, 12, 13, 13, 9, 5, 8, 6, 14, 11, 12, 11, 8, 6, 5, 5],
] as const;

const start = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0] as const;
const lines = {
  l: { first: words, constants: [0x00000000, 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xa953fd4e] },
  r: {
    first: words.map((i) => (9 * i + 5) % 16),
    constants: [0x50a28be6, 0x5c4dd124, 0x6d703ef3, 0x7a6d76e9, 0x00000000],
  },
} as const;

/** All words are int8 from 0 to this. */
const mask = 0xffffffff;
const mixed = [
  (b: string, c: string, d: string) => `(${b} # ${c} # ${d})`,
  (b: string, c: string, d: string) => `((${b} & ${c}) | ((${b} # ${mask}) & ${d}))`,
  (b: string, c: string, d: string) => `((${b} | (${c} # ${mask})) # ${d})`,
  (b: string, c: string, d: string) => `((${b} & ${d}) | (${c} & (${d} # ${mask})))`,
  (b: string, c: string, d: string) => `(${b} # (${c} | (${d} # ${mask})))`,
] as const;

/** The 80 steps of a line. The values stay where they are and change their roles. */
function line(side: keyof typeof lines): string {
  const steps: string[] = [];
  let roles = ["a", "b", "c", "d", "e"].map((role) => side + role);
  for (const [round, rotations] of shifts.entries())
    for (const word of wordsOf(round, lines[side].first)) {
      const [a, b, c, d, e] = roles as [string, string, string, string, string];
      const mix = mixed[side === "l" ? round : 4 - round]?.(b, c, d);
      const by = rotations[word] as number;
      steps.push(`t := (${a} + ${mix} + w${word} + ${lines[side].constants[round]}) & ${mask};
  ${a} := (((t << ${by}) | (t >> ${32 - by})) + ${e}) & ${mask}; ${c} := ((${c} << 10) & ${mask}) | (${c} >> 22);`);
      roles = [e, a, b, c, d];
    }
  return steps.join("\n  ");
}

const littleEndian = (word: number): string =>
  [0, 1, 2, 3].map((j) => `(get_byte(block, ${4 * word + j})::int8 << ${8 * j})`).join(" | ");

/** The five words of the result, the last one first. */
const result = [
  `lb + rc + ${start[0]}`,
  `la + rb + ${start[4]}`,
  `le + ra + ${start[3]}`,
  `ld + re + ${start[2]}`,
  `lc + rd + ${start[1]}`,
];

/** RIPEMD-160 of 32 bytes, both as hex digits. After SHA-256, it is HASH160 of Bitcoin and its relatives. */
export const ripemd160 = [
  pureFunction(
    "ripemd160(message text)",
    "text",
    `
declare
  block bytea := decode(message || '80' || repeat('00', 23) || '0001000000000000', 'hex');
  ${words.map((word) => `w${word} int8 := ${littleEndian(word)};`).join("\n  ")}
  ${["l", "r"].map((side) => start.map((word, i) => `${side}${"abcde"[i]} int8 := ${word};`).join(" ")).join("\n  ")}
  t int8;
begin
  ${line("l")}
  ${line("r")}
  return pg_temp.wallet_vault_reversed(${result.map((word) => `lpad(to_hex((${word}) & ${mask}), 8, '0')`).join(" || ")});
end `,
  ),
  pureFunction(
    "hash160(message text)",
    "text",
    "begin return pg_temp.wallet_vault_ripemd160(encode(sha256(decode(message, 'hex')), 'hex')); end ",
  ),
];
