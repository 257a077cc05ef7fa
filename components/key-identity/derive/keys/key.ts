import { trimmed } from "../addresses/address";
import { pureFunction } from "../pure-function";
import { bitcoinKey } from "./bitcoin-key";
import { moveKey } from "./move-key";
import { plainKey } from "./plain-key";
import { keyParts } from "./shape";
import { xrpKey } from "./xrp-key";

/** The parts of a key for an address of a form; see both shape.ts. Null: sealed, or of a form that is not known there. */
export const key = [
  ...plainKey,
  bitcoinKey,
  ...xrpKey,
  moveKey,
  pureFunction(
    "key(key text, form text)",
    "text[]",
    `
declare
  plain text collate "C" := ${trimmed("key")}; bytes text collate "C";
begin
  if plain is null or octet_length(plain) not between 20 and 1000 then return null; end if;
  if form in ('evm', 'cosmos') then
    bytes := pg_temp.wallet_vault_hex_key(plain);
    return case when bytes is not null then ${keyParts("bytes", "null")} end;
  end if;
  if form in ('p2pkh', 'p2sh', 'p2wpkh', 'p2tr') then return pg_temp.wallet_vault_bitcoin_key(plain); end if;
  if form = 'xrp' then return pg_temp.wallet_vault_xrp_key(plain); end if;
  if form in ('sui', 'aptos', 'move') then return pg_temp.wallet_vault_move_key(plain); end if;
  if form = 'stellar' and plain ~ '^S[0-9A-Z]{55}$' then
    bytes := pg_temp.wallet_vault_from_strkey(plain, '90');
  elsif form = 'near' and plain ~ '^ed25519:' then
    bytes := pg_temp.wallet_vault_seed(substr(plain, 9));
  else
    bytes := pg_temp.wallet_vault_seed(plain);
  end if;
  return case when bytes is not null then ${keyParts("null", "bytes")} end;
end `,
  ),
];
