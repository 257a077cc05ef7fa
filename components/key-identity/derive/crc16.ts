import { pureFunction } from "./pure-function";

/** The checksum of Stellar's SEP-23: CRC-16/XMODEM, its two bytes with the lower one first. Both as hex digits. */
export const crc16 = pureFunction(
  "crc16(message text)",
  "text",
  `
declare
  bytes bytea := decode(message, 'hex'); crc int4 := 0;
begin
  for i in 0..length(bytes) - 1 loop
    crc := crc # (get_byte(bytes, i) << 8);
    for j in 1..8 loop
      crc := ((crc << 1) # case when crc >= 32768 then 4129 else 0 end) & 65535;
    end loop;
  end loop;
  return pg_temp.wallet_vault_reversed(lpad(to_hex(crc), 4, '0'));
end `,
);
