import { pureFunction } from "./pure-function";

/** RFC 4648, section 6, and BIP-173. */
export const standardAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
export const bech32Alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/**
 * Bytes as hex digits to base32 and back, without padding characters. Null where a character is not in the alphabet, where
 * the last bits are not zero, or where the characters make no whole number of bytes.
 */
export const base32 = [
  pureFunction(
    "from_base32(symbols text, alphabet text)",
    "text",
    `
declare
  part int8 := 0; value int4; many int4 := length(symbols); digits int4 := many * 5 / 8 * 2; hex text collate "C" := '';
begin
  if many * 5 % 8 >= 5 then return null; end if;
  for i in 1..(many + 7) / 8 * 8 loop
    value := 0;
    if i <= many then value := strpos(alphabet, substr(symbols, i, 1)) - 1; end if;
    if value < 0 then return null; end if;
    part := (part << 5) | value;
    if i % 8 = 0 then
      hex := hex || lpad(to_hex(part), 10, '0');
      part := 0;
    end if;
  end loop;
  if ltrim(substr(hex, digits + 1), '0') <> '' then return null; end if;
  return left(hex, digits);
end `,
  ),
  pureFunction(
    "to_base32(hex text, alphabet text)",
    "text",
    `
declare
  padded text collate "C" := rpad(hex, (length(hex) + 9) / 10 * 10, '0'); part int8; symbols text collate "C" := '';
begin
  for i in 0..length(padded) / 10 - 1 loop
    part := ('x' || substr(padded, 10 * i + 1, 10))::bit(40)::int8;
    for j in reverse 7..0 loop
      symbols := symbols || substr(alphabet, ((part >> (5 * j)) & 31)::int4 + 1, 1);
    end loop;
  end loop;
  return left(symbols, (length(hex) * 4 + 4) / 5);
end `,
  ),
];
