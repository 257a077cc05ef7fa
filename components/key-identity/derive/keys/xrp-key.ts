import { secp256k1 } from "../curves";
import { rippleAlphabet } from "../base58";
import { pureFunction } from "../pure-function";
import { keyParts } from "./shape";

/**
 * Seeds and keys of the XRP Ledger (https://xrpl.org/docs/concepts/accounts/cryptographic-keys, "Key Derivation"). 64 hex digits
 * may be for either curve; a byte before them says which.
 */
export const xrpKey = [
  // The first of the hashes of some bytes and a counter that is a key of secp256k1.
  pureFunction(
    "xrp_scalar(bytes text)",
    "text",
    `
declare
  hash text collate "C";
begin
  for i in 0..9 loop
    hash := left(encode(sha512(decode(bytes || lpad(to_hex(i), 8, '0'), 'hex')), 'hex'), 64);
    if pg_temp.wallet_vault_number(hash) between 1 and ${secp256k1.order - 1n} then return hash; end if;
  end loop;
  return null;
end `,
  ),
  pureFunction(
    "xrp_key(key text)",
    "text[]",
    `
declare
  bytes text collate "C" := pg_temp.wallet_vault_hex_key(key);
begin
  if bytes is not null then return ${keyParts("bytes", "bytes")}; end if;
  if key ~ '^00[0-9a-fA-F]{64}$' then return ${keyParts("lower(substr(key, 3))", "null")}; end if;
  if key ~ '^[eE][dD][0-9a-fA-F]{64}$' then return ${keyParts("null", "lower(substr(key, 3))")}; end if;
  if key !~ '^s[0-9A-Za-z]{20,40}$' then return null; end if;
  bytes := pg_temp.wallet_vault_from_base58check(key, '${rippleAlphabet}');
  if bytes ~ '^21.{32}$' then return ${keyParts("pg_temp.wallet_vault_xrp_scalar(substr(bytes, 3))", "null", "'root'")}; end if;
  if bytes ~ '^01e14b.{32}$' then
    return ${keyParts("null", "left(encode(sha512(decode(substr(bytes, 7), 'hex')), 'hex'), 64)")};
  end if;
  return null;
end `,
  ),
];
