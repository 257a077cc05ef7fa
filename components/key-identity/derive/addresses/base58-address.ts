import { bitcoinAlphabet, rippleAlphabet } from "../base58";
import { pureFunction } from "../pure-function";

/** Addresses in base58: of the XRP Ledger, of Bitcoin before SegWit, and of Solana. Null: no such address. */
export const base58Address = pureFunction(
  "base58_address(address text)",
  "text[]",
  `
declare
  many int4 := length(address); bytes text collate "C"; version text collate "C"; wrong text[] := null;
begin
  if many not between 25 and 44 or address ~ '[^0-9A-Za-z]' then return null; end if;
  if address ~ '^r' and many <= 35 then
    bytes := pg_temp.wallet_vault_from_base58check(address, '${rippleAlphabet}');
    if length(bytes) = 42 and bytes ~ '^00' then return array['xrp', '', substr(bytes, 3)]; end if;
    return array['impossible'];
  end if;
  if address ~ '^[13mn2]' and many <= 35 or many >= 43 then wrong := array['impossible']; end if;
  bytes := pg_temp.wallet_vault_from_base58(address, '${bitcoinAlphabet}');
  if length(bytes) = 64 then return array['solana', '', bytes]; end if;
  if length(bytes) <> 50 or bytes is null then return wrong; end if;
  bytes := pg_temp.wallet_vault_from_base58check(address, '${bitcoinAlphabet}');
  version := left(bytes, 2);
  if version in ('00', '6f') then return array['p2pkh', version, substr(bytes, 3)]; end if;
  if version in ('05', 'c4') then return array['p2sh', version, substr(bytes, 3)]; end if;
  if bytes is not null then return '{}'; end if;
  return wrong;
end `,
);
