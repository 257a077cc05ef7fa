import { bech32Alphabet } from "./base32";
import { pureFunction } from "./pure-function";

/** What the checksum leaves (BIP-173; BIP-350). */
export const bech32Constant = 1;
export const bech32mConstant = 0x2bc830a3;

const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;
/** By the five bits that leave the register. */
const table = Array.from({ length: 32 }, (_, bits) =>
  generators.reduce((sum, generator, i) => ((bits >> i) & 1 ? sum ^ generator : sum), 0),
);
const shifted = (value: string): string => `((c & 33554431) << 5) # ${value} # (table_of[(c >> 25) + 1])`;

/** The register after a human-readable part and data characters, all in small letters; null for a character of another alphabet. */
export const bech32 = [
  pureFunction(
    "bech32_register(prefix text, data text)",
    "int4",
    `
declare
  table_of constant int4[] := array[${table.join(", ")}]; c int4 := 1; value int4;
begin
  for i in 1..length(prefix) loop c := ${shifted("(ascii(substr(prefix, i, 1)) >> 5)")}; end loop;
  c := ${shifted("0")};
  for i in 1..length(prefix) loop c := ${shifted("(ascii(substr(prefix, i, 1)) & 31)")}; end loop;
  for i in 1..length(data) loop
    value := strpos('${bech32Alphabet}', substr(data, i, 1)) - 1;
    if value < 0 then return null; end if;
    c := ${shifted("value")};
  end loop;
  return c;
end `,
  ),
  pureFunction(
    "to_bech32(prefix text, data text, constant_of int4)",
    "text",
    `
declare
  c int4 := pg_temp.wallet_vault_bech32_register(prefix, data || 'qqqqqq') # constant_of; checksum text collate "C" := '';
begin
  for i in reverse 5..0 loop
    checksum := checksum || substr('${bech32Alphabet}', ((c >> (5 * i)) & 31) + 1, 1);
  end loop;
  return prefix || '1' || data || checksum;
end `,
  ),
];
