import { standardAlphabet } from "../base32";
import { pureFunction } from "../pure-function";

/** SEP-23, ed25519 public key. Null: no such address. */
export const stellarAddress = [
  // The payload of a key of Stellar, as hex digits. Null where the checksum or the version byte is another.
  pureFunction(
    "from_strkey(strkey text, version text)",
    "text",
    `
declare
  bytes text collate "C" := pg_temp.wallet_vault_from_base32(strkey, '${standardAlphabet}');
begin
  if length(bytes) <> 70 or left(bytes, 2) <> version or pg_temp.wallet_vault_crc16(left(bytes, 66)) <> right(bytes, 4) then
    return null;
  end if;
  return substr(bytes, 3, 64);
end `,
  ),
  pureFunction(
    "stellar_address(address text)",
    "text[]",
    `
declare
  payload text collate "C";
begin
  if address !~ '^G[0-9A-Za-z]{55}$' then return null; end if;
  payload := pg_temp.wallet_vault_from_strkey(address, '30');
  return case when payload is null then array['impossible'] else array['stellar', '', payload] end;
end `,
  ),
];
