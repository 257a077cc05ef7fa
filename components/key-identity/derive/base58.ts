import { pureFunction } from "./pure-function";

/** Bitcoin's alphabet (draft-msporny-base58-03, section 2) and the XRP Ledger's. */
export const bitcoinAlphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
export const rippleAlphabet = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";

/** Digits of 58 that an int8 holds. */
const step = 10;

/** Bytes as hex digits to base58 and back, and the same with the checksum of four bytes. Null where there is none. */
export const base58 = [
  pureFunction(
    "from_base58(digits text, alphabet text)",
    "text",
    `
declare
  n numeric := 0; part int8 := 0; scale int8 := 1; digit int4; zeros int4; hex text collate "C"; many int4 := length(digits);
begin
  if many = 0 or many > 128 then return null; end if;
  for i in 1..many loop
    digit := strpos(alphabet, substr(digits, i, 1)) - 1;
    if digit < 0 then return null; end if;
    part := part * 58 + digit;
    scale := scale * 58;
    if i % ${step} = 0 or i = many then
      n := n * scale + part;
      part := 0; scale := 1;
    end if;
  end loop;
  zeros := many - length(ltrim(digits, left(alphabet, 1)));
  hex := ltrim(pg_temp.wallet_vault_hex(n, 2 * many), '0');
  return repeat('00', zeros) || case when length(hex) % 2 = 1 then '0' else '' end || hex;
end `,
  ),
  pureFunction(
    "to_base58(hex text, alphabet text)",
    "text",
    `
declare
  n numeric := pg_temp.wallet_vault_number(hex); part int8; digits text collate "C" := '';
begin
  while n > 0 loop
    part := n % ${58n ** BigInt(step)};
    n := div(n, ${58n ** BigInt(step)});
    for i in 1..${step} loop
      digits := substr(alphabet, (part % 58)::int4 + 1, 1) || digits;
      part := part / 58;
    end loop;
  end loop;
  return repeat(left(alphabet, 1), (length(hex) - length(ltrim(hex, '0'))) / 2) || ltrim(digits, left(alphabet, 1));
end `,
  ),
  pureFunction(
    "base58_checksum(hex text)",
    "text",
    "begin return left(encode(sha256(sha256(decode(hex, 'hex'))), 'hex'), 8); end ",
  ),
  pureFunction(
    "from_base58check(digits text, alphabet text)",
    "text",
    `
declare
  hex text collate "C" := pg_temp.wallet_vault_from_base58(digits, alphabet);
begin
  if length(hex) > 8 and right(hex, 8) = pg_temp.wallet_vault_base58_checksum(left(hex, -8)) then return left(hex, -8); end if;
  return null;
end `,
  ),
  pureFunction(
    "to_base58check(hex text, alphabet text)",
    "text",
    "begin return pg_temp.wallet_vault_to_base58(hex || pg_temp.wallet_vault_base58_checksum(hex), alphabet); end ",
  ),
];
