import { bech32Alphabet, standardAlphabet } from "../base32";
import { bitcoinAlphabet, rippleAlphabet } from "../base58";
import { bech32Constant, bech32mConstant } from "../bech32";
import { pureFunction } from "../pure-function";

/** The address of a form with another payload; see shape.ts. */
export const writtenAddress = [
  // ERC-55.
  pureFunction(
    "mixed_case(digits text)",
    "text",
    `
declare
  hash text collate "C" := pg_temp.wallet_vault_keccak(encode(decode(digits, 'escape'), 'hex'), '01');
  mixed text collate "C" := '';
begin
  for i in 1..length(digits) loop
    mixed := mixed || case when substr(hash, i, 1) >= '8' then upper(substr(digits, i, 1)) else substr(digits, i, 1) end;
  end loop;
  return mixed;
end `,
  ),
  pureFunction(
    "written_address(form text, prefix text, payload text)",
    "text",
    `
begin
  return case form
    when 'evm' then rtrim(prefix, '+') || case when prefix ~ '[+]$' then pg_temp.wallet_vault_mixed_case(payload) else payload end
    when 'cosmos' then pg_temp.wallet_vault_to_bech32(prefix, pg_temp.wallet_vault_to_base32(payload, '${bech32Alphabet}'), ${bech32Constant})
    when 'p2wpkh' then
      pg_temp.wallet_vault_to_bech32(prefix, 'q' || pg_temp.wallet_vault_to_base32(payload, '${bech32Alphabet}'), ${bech32Constant})
    when 'p2tr' then
      pg_temp.wallet_vault_to_bech32(prefix, 'p' || pg_temp.wallet_vault_to_base32(payload, '${bech32Alphabet}'), ${bech32mConstant})
    when 'p2pkh' then pg_temp.wallet_vault_to_base58check(prefix || payload, '${bitcoinAlphabet}')
    when 'p2sh' then pg_temp.wallet_vault_to_base58check(prefix || payload, '${bitcoinAlphabet}')
    when 'xrp' then pg_temp.wallet_vault_to_base58check('00' || payload, '${rippleAlphabet}')
    when 'solana' then pg_temp.wallet_vault_to_base58(payload, '${bitcoinAlphabet}')
    when 'stellar' then
      pg_temp.wallet_vault_to_base32('30' || payload || pg_temp.wallet_vault_crc16('30' || payload), '${standardAlphabet}')
    else prefix || payload
  end;
end `,
  ),
];
