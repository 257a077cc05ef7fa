import { bech32Alphabet } from "../base32";
import { bech32Constant, bech32mConstant } from "../bech32";
import { pureFunction } from "../pure-function";

/** Chains whose addresses are known to begin so: a wrong character makes the address impossible, and not one of another kind. */
const known = "bc|tb|bcrt|ltc|cosmos|osmo|inj|celestia|juno|akash|dydx|evmos";

/** Addresses in bech32: of Bitcoin (BIP-173, BIP-350) and of chains built with Cosmos. Null: no such address. */
export const bech32Address = pureFunction(
  "bech32_address(address text)",
  "text[]",
  `
declare
  plain text collate "C" := lower(address);
  at int4 := length(plain) - strpos(reverse(plain), '1') + 1;
  prefix text collate "C" := left(plain, at - 1); data text collate "C" := substr(plain, at + 1);
  version text collate "C" := left(data, 1); checksum int4; payload text collate "C"; segwit bool;
begin
  if strpos(plain, '1') = 0 or prefix !~ '^[a-z][a-z0-9]*$' or length(plain) > 120 or address not in (plain, upper(address))
      or data !~ '^[${bech32Alphabet}]{38,}$' then
    return case when plain ~ '^(${known})1[0-9a-z]{20,}' then array['impossible'] end;
  end if;
  segwit := prefix in ('bc', 'tb', 'bcrt', 'ltc', 'tltc', 'rltc') or length(data) = 39 and version = 'q';
  checksum := pg_temp.wallet_vault_bech32_register(prefix, data);
  if checksum not in (${bech32Constant}, ${bech32mConstant}) then return array['impossible']; end if;
  if not segwit then
    payload := pg_temp.wallet_vault_from_base32(left(data, -6), '${bech32Alphabet}');
    if checksum = ${bech32Constant} and length(payload) = 40 then return array['cosmos', prefix, payload]; end if;
    return '{}';
  end if;
  payload := pg_temp.wallet_vault_from_base32(substr(left(data, -6), 2), '${bech32Alphabet}');
  if payload is null or (version = 'q') <> (checksum = ${bech32Constant}) then return array['impossible']; end if;
  if version = 'q' and length(payload) = 40 then return array['p2wpkh', prefix, payload]; end if;
  if version = 'q' and length(payload) <> 64 then return array['impossible']; end if;
  if version = 'p' and length(payload) = 64 then return array['p2tr', prefix, payload]; end if;
  return '{}';
end `,
);
