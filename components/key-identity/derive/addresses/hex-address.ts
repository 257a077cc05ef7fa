import { pureFunction } from "../pure-function";

/** Addresses of hex digits: EVM, Sui and Aptos with \`0x\`, implicit accounts of NEAR without. Null: no such address. */
export const hexAddress = pureFunction(
  "hex_address(address text, hint text)",
  "text[]",
  `
declare
  prefixed bool := address ~ '^0[xX]'; digits text collate "C" := lower(case when prefixed then substr(address, 3) else address end);
  move text collate "C" := case when hint in ('sui', 'aptos') then hint else 'move' end;
begin
  if digits !~ '^[0-9a-f]+$' or not prefixed and length(digits) not in (40, 64) then
    return case when prefixed then array['impossible'] end;
  end if;
  if digits ~ '^0*$' then return array['impossible']; end if;
  if length(digits) = 64 then
    if not prefixed and move = 'move' then return array['near', '', digits]; end if;
    return array[move, case when prefixed then '0x' else '' end, digits];
  end if;
  if move <> 'move' and length(digits) < 64 then return array[move, 'short', lpad(digits, 64, '0')]; end if;
  if length(digits) = 40 then
    return array['evm', case when prefixed then '0x' else '' end || case when substr(address, 3) ~ '[A-F]' then '+' else '' end, digits];
  end if;
  return array['impossible'];
end `,
);
