import { pureFunction } from "./pure-function";

/** Bytes that one block of a hash of 256 bits takes in. */
const rate = 136;
const rounds = 24;

/** FIPS 202, section 3.2.5: bit t of the register that the round constants are drawn from. */
function* roundConstantBits(): Generator<bigint> {
  for (let register = 1; ; register = (register << 1) ^ (register & 0x80 ? 0x171 : 0)) yield BigInt(register & 1);
}

function roundConstants(): bigint[] {
  const bits = roundConstantBits();
  return Array.from({ length: rounds }, () => {
    let constant = 0n;
    for (let j = 0n; j <= 6n; j++) constant |= (bits.next().value as bigint) << (2n ** j - 1n);
    return BigInt.asIntN(64, constant);
  });
}

/** FIPS 202, section 3.2.2: by how many bits each lane is rotated; lane x + 5y. */
function rotations(): number[] {
  const by = Array<number>(25).fill(0);
  for (let t = 0, x = 1, y = 0; t < rounds; t++, [x, y] = [y, (2 * x + 3 * y) % 5])
    by[x + 5 * y] = (((t + 1) * (t + 2)) / 2) % 64;
  return by;
}

const lanes = Array.from({ length: 25 }, (_, i) => i);
const columns = lanes.slice(0, 5);

/** An int8 rotated left: \`>>\` copies the sign, so that what it leaves of it is masked. */
const rotated = (lane: string, by: number): string =>
  by === 0 ? `(${lane})` : `(((${lane}) << ${by}) | (((${lane}) >> ${64 - by}) & ${2n ** BigInt(by) - 1n}))`;

/** SQL that reads a lane of the padded block, its first byte the lowest. */
const lane = (i: number): string =>
  `b${i} := ${Array.from({ length: 8 }, (_, j) => `get_byte(block, ${8 * i + j})::int8 << ${8 * j}`)
    .map((byte) => `(${byte})`)
    .join(" | ")};`;

/** One round on the lanes b, by way of c and d (column parities) and a: theta, rho and pi, chi, iota. */
const round = `
    ${columns.map((x) => `c${x} := b${x} # b${x + 5} # b${x + 10} # b${x + 15} # b${x + 20};`).join(" ")}
    ${columns.map((x) => `d${x} := c${(x + 4) % 5} # ${rotated(`c${(x + 1) % 5}`, 1)};`).join(" ")}
    ${lanes.map((i) => `a${(Math.floor(i / 5) % 5) + 5 * ((2 * (i % 5) + 3 * Math.floor(i / 5)) % 5)} := ${rotated(`b${i} # d${i % 5}`, rotations()[i] as number)};`).join("\n    ")}
    ${lanes.map((i) => `b${i} := a${i} # ((~a${5 * Math.floor(i / 5) + ((i + 1) % 5)}) & a${5 * Math.floor(i / 5) + ((i + 2) % 5)});`).join("\n    ")}`;

/**
 * Keccak with 256 bits of output (FIPS 202) of a message of less than ${rate} bytes, both as hex digits. \`suffix\` is the first
 * byte of the padding: 01 for Ethereum's Keccak-256, 06 for SHA3-256.
 */
export const keccak = pureFunction(
  "keccak(message text, suffix text)",
  "text",
  `
declare
  block bytea := decode(rpad(message || suffix, ${2 * rate}, '0'), 'hex');
  constants constant int8[] := array[${roundConstants()
    .map((constant) => `'${constant}'`)
    .join(", ")}]::int8[];
  ${lanes.map((i) => `a${i} int8; b${i} int8 := 0;`).join(" ")}
  ${columns.map((x) => `c${x} int8; d${x} int8;`).join(" ")}
begin
  block := set_byte(block, ${rate - 1}, get_byte(block, ${rate - 1}) | 128);
  ${lanes
    .slice(0, rate / 8)
    .map(lane)
    .join("\n  ")}
  for round in 1..${rounds} loop${round}
    b0 := b0 # constants[round];
  end loop;
  return pg_temp.wallet_vault_reversed(${[3, 2, 1, 0].map((i) => `lpad(to_hex(b${i}), 16, '0')`).join(" || ")});
end `,
);
