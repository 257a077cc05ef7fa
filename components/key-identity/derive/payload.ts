import { pureFunction } from "./pure-function";

/** Chains built with Cosmos whose addresses are those of the EVM in bech32. */
const evmPrefixes = "'inj', 'evmos', 'canto', 'dym', 'ethm', 'xpla'";

/**
 * What a public key gives for an address of a form, as hex digits: the address's own payload where any way leads to it, or else that of
 * the usual way.
 *
 * @param x, y the point of secp256k1, or null; of p2tr the one of the tweaked key
 * @param seedKey the public key of ed25519 as hex digits, or null
 * @param says what the key says of its address; see keys/shape.ts
 */
export const payload = [
  pureFunction(
    "compressed(x numeric, y numeric)",
    "text",
    "begin return case when y % 2 = 0 then '02' else '03' end || pg_temp.wallet_vault_hex(x, 64); end ",
  ),
  // The last 20 bytes of Keccak-256 of the point (Ethereum Yellow Paper, appendix F).
  pureFunction(
    "evm_payload(x numeric, y numeric)",
    "text",
    "begin return right(pg_temp.wallet_vault_keccak(pg_temp.wallet_vault_hex(x, 64) || pg_temp.wallet_vault_hex(y, 64), '01'), 40); end ",
  ),
  pureFunction(
    "way(form text, way int4, x numeric, y numeric, seed_key text)",
    "text",
    `
begin
  if form = 'evm' or form = 'cosmos' and way = 1 then return pg_temp.wallet_vault_evm_payload(x, y); end if;
  if form in ('p2pkh', 'cosmos', 'p2wpkh', 'xrp') and way = 0 and x is not null then
    return pg_temp.wallet_vault_hash160(pg_temp.wallet_vault_compressed(x, y));
  end if;
  if form = 'p2pkh' then return pg_temp.wallet_vault_hash160('04' || pg_temp.wallet_vault_hex(x, 64) || pg_temp.wallet_vault_hex(y, 64)); end if;
  if form = 'p2sh' then
    return pg_temp.wallet_vault_hash160('0014' || pg_temp.wallet_vault_hash160(pg_temp.wallet_vault_compressed(x, y)));
  end if;
  if form = 'p2tr' then return pg_temp.wallet_vault_hex(x, 64); end if;
  if form = 'xrp' then return pg_temp.wallet_vault_hash160('ed' || seed_key); end if;
  if form = 'move' and way = 0 then return pg_temp.wallet_vault_keccak(seed_key || '00', '06'); end if;
  if form = 'move' and x is not null then return pg_temp.wallet_vault_blake2b('01' || pg_temp.wallet_vault_compressed(x, y)); end if;
  if form = 'move' then return pg_temp.wallet_vault_blake2b('00' || seed_key); end if;
  return seed_key;
end `,
  ),
  pureFunction(
    "payload(form text, prefix text, payload text, says text, x numeric, y numeric, seed_key text)",
    "text",
    `
declare
  family text collate "C" := case when form in ('sui', 'aptos') then 'move' else form end;
  usual int4 := 0; found text collate "C"; other text collate "C";
begin
  if form = 'cosmos' and prefix in (${evmPrefixes}) or form = 'p2pkh' and says = 'uncompressed'
      or family = 'move' and (form = 'sui' or says = 'sui') or form = 'xrp' and x is null then
    usual := 1;
  end if;
  found := pg_temp.wallet_vault_way(family, usual, x, y, seed_key);
  if found is distinct from payload and (form in ('cosmos', 'p2pkh') or form = 'xrp' and x is not null and seed_key is not null
      or family = 'move' and seed_key is not null) then
    other := pg_temp.wallet_vault_way(family, 1 - usual, x, y, seed_key);
    if other = payload then return other; end if;
  end if;
  return found;
end `,
  ),
];
