import { bitcoinAlphabet } from "../base58";
import { pureFunction } from "../pure-function";
import { keyParts } from "./shape";

/**
 * Hex digits, or the wallet import format, of the main and the test network: a byte of version, the key, and 01 where the public
 * key is to be compressed (https://en.bitcoin.it/wiki/Wallet_import_format). The network does not matter: it is the same key.
 */
export const bitcoinKey = pureFunction(
  "bitcoin_key(key text)",
  "text[]",
  `
declare
  bytes text collate "C" := pg_temp.wallet_vault_hex_key(key);
begin
  if bytes is not null then return ${keyParts("bytes", "null")}; end if;
  if key !~ '^[0-9A-Za-z]{50,53}$' then return null; end if;
  bytes := pg_temp.wallet_vault_from_base58check(key, '${bitcoinAlphabet}');
  if bytes ~ '^(80|ef|b0).{64}01$' then return ${keyParts("substr(bytes, 3, 64)", "null")}; end if;
  if bytes ~ '^(80|ef|b0).{64}$' then return ${keyParts("substr(bytes, 3, 64)", "null", "'uncompressed'")}; end if;
  return null;
end `,
);
