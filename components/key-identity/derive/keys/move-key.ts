import { bech32Alphabet } from "../base32";
import { bech32Constant } from "../bech32";
import { pureFunction } from "../pure-function";
import { keyParts } from "./shape";

/**
 * Keys of Sui (SIP-15: bech32 of a byte for the curve and 32 bytes; 0 is ed25519, 1 is secp256k1) and of Aptos (AIP-80). A key without
 * a prefix may be of either.
 */
export const moveKey = pureFunction(
  "move_key(key text)",
  "text[]",
  `
declare
  bytes text collate "C";
begin
  if key ~ '^suiprivkey1[${bech32Alphabet}]{59}$' and pg_temp.wallet_vault_bech32_register('suiprivkey', substr(key, 12)) = ${bech32Constant} then
    bytes := pg_temp.wallet_vault_from_base32(left(substr(key, 12), -6), '${bech32Alphabet}');
    if bytes ~ '^00' then return ${keyParts("null", "substr(bytes, 3)", "'sui'")}; end if;
    if bytes ~ '^01' then return ${keyParts("substr(bytes, 3)", "null", "'sui'")}; end if;
    return null;
  end if;
  if key ~ '^ed25519-priv-' then
    bytes := pg_temp.wallet_vault_hex_key(substr(key, 14));
    return case when bytes is not null then ${keyParts("null", "bytes", "'aptos'")} end;
  end if;
  bytes := pg_temp.wallet_vault_seed(key);
  return case when bytes is not null then ${keyParts("null", "bytes")} end;
end `,
);
