import { bitcoinAlphabet } from "../base58";
import { pureFunction } from "../pure-function";

/** Keys that several families share, as hex digits. Null: no such key. */
export const plainKey = [
  // 64 hex digits.
  pureFunction(
    "hex_key(key text)",
    "text",
    "begin return case when key ~ '^(0[xX])?[0-9a-fA-F]{64}$' then lower(right(key, 64)) end; end ",
  ),
  // A JSON array of 32 or 64 bytes.
  pureFunction(
    "json_key(key text)",
    "text",
    `
declare
  part text collate "C"; hex text collate "C" := ''; space text collate "C" := ' ' || chr(9) || chr(10) || chr(13);
begin
  if length(key) > 1000 or translate(key, space, '') !~ '^[[][0-9]{1,3}(,[0-9]{1,3})*[]]$' then return null; end if;
  foreach part in array string_to_array(translate(key, '[]' || space, ''), ',') loop
    if part::int4 > 255 then return null; end if;
    hex := hex || lpad(to_hex(part::int4), 2, '0');
  end loop;
  return hex;
end `,
  ),
  // A seed of ed25519: its 32 bytes, alone or with the public key after it.
  pureFunction(
    "seed(key text)",
    "text",
    `
declare
  hex text collate "C";
begin
  if key ~ '^(0[xX])?([0-9a-fA-F]{64}|[0-9a-fA-F]{128})$' then
    hex := lower(case when length(key) % 64 = 2 then substr(key, 3) else key end);
  elsif key ~ '^[[]' then
    hex := pg_temp.wallet_vault_json_key(key);
  elsif key ~ '^[0-9A-Za-z]{32,90}$' then
    hex := pg_temp.wallet_vault_from_base58(key, '${bitcoinAlphabet}');
  end if;
  return case when length(hex) in (64, 128) then left(hex, 64) end;
end `,
  ),
];
