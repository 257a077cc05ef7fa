import { pureFunction } from "../pure-function";
import { base58Address } from "./base58-address";
import { bech32Address } from "./bech32-address";
import { hexAddress } from "./hex-address";
import { hint } from "./hint";
import { stellarAddress } from "./stellar-address";

/** White space around addresses and keys, which wallets leave out when they read them. */
export const trimmed = (text: string): string => `btrim(${text}, ' ' || chr(9) || chr(10) || chr(13))`;

const placeholder =
  "placeholder|migration_required|required|pending|unknown|undefined|generat|^(null|none|n/a|na|tbd|todo|-+|x+)$";

/**
 * The parts of an address; see shape.ts. Its shape decides first. Of a text of no known shape, the family that the network or
 * the credential type names decides: it has no such address. A name, an address with a valid checksum of an unknown kind and
 * a long word under the default family may be right.
 */
export const address = [
  ...hint,
  hexAddress,
  bech32Address,
  base58Address,
  ...stellarAddress,
  pureFunction(
    "address(address text, network text, credential_type text)",
    "text[]",
    `
declare
  plain text collate "C" := ${trimmed("address")}; parts text[] collate "C";
  hint text collate "C";
begin
  if plain is null or plain = '' then return null; end if;
  hint := pg_temp.wallet_vault_hint(network, credential_type);
  if octet_length(plain) <= 150 and plain !~ '[^!-~]' then
    parts := pg_temp.wallet_vault_hex_address(plain, hint);
    if parts is null then parts := pg_temp.wallet_vault_bech32_address(plain); end if;
    if parts is null then parts := pg_temp.wallet_vault_stellar_address(plain); end if;
    if parts is null and hint is distinct from 'near' then parts := pg_temp.wallet_vault_base58_address(plain); end if;
    if parts is not null then return parts; end if;
    if plain ~ '^[0-9A-Za-z_-]+([.][0-9A-Za-z_-]+)+$' then return null; end if;
    if hint = 'near' and plain ~ '^[a-z0-9]+([_-][a-z0-9]+)*$' then return null; end if;
    if plain ~ '^[0-9A-Za-z:_/+=-]{25,}$' and coalesce(hint, 'evm') = 'evm' and lower(plain) !~ '${placeholder}' then return null; end if;
  end if;
  if hint is not null or octet_length(plain) <= 150 and lower(plain) ~ '${placeholder}' then return array['impossible']; end if;
  return null;
end `,
  ),
];
