import { curve25519 } from "./curves";
import { pureFunction, sessionFunction } from "./pure-function";

const { p, order, third, toEdwards } = curve25519;

/**
 * Seeds to public keys, both 32 bytes as hex digits (RFC 8032, section 5.1.5). Null for null.
 *
 * The scalar may be taken modulo the base point's order: only multiples of that point are computed. With u = x - A/3, v = y of
 * Curve25519 (RFC 7748, section 4.1), the point of edwards25519 is (c u / v, (u - 1) / (u + 1)).
 */
export const ed25519 = [
  pureFunction(
    "ed25519_scalar(seed text)",
    "numeric",
    `
declare
  hash bytea := substr(sha512(decode(seed, 'hex')), 1, 32);
begin
  hash := set_byte(hash, 0, get_byte(hash, 0) & 248);
  hash := set_byte(hash, 31, (get_byte(hash, 31) & 63) | 64);
  return pg_temp.wallet_vault_number(pg_temp.wallet_vault_reversed(encode(hash, 'hex'))) % ${order};
end `,
  ),
  sessionFunction(
    "ed25519(seeds text[])",
    "text[]",
    `
declare
  scalars numeric[] := '{}'; points numeric[]; divisors numeric[] := '{}'; keys text[] := '{}';
  u numeric; v numeric; x numeric; y numeric;
begin
  for i in 1..cardinality(seeds) loop
    scalars[i] := case when seeds[i] is not null then pg_temp.wallet_vault_ed25519_scalar(seeds[i]) end;
  end loop;
  points := pg_temp.wallet_vault_curve25519(scalars);
  for i in 1..cardinality(seeds) loop
    divisors[i] := (points[2 * i - 1] - ${third} + 1) * points[2 * i] % ${p};
  end loop;
  divisors := pg_temp.wallet_vault_inverses(divisors, ${p});
  for i in 1..cardinality(seeds) loop
    keys[i] := null;
    continue when seeds[i] is null;
    u := points[2 * i - 1] - ${third}; v := points[2 * i];
    x := ${toEdwards} * u % ${p} * (u + 1) % ${p} * divisors[i] % ${p};
    y := (u - 1) * v % ${p} * divisors[i] % ${p};
    if x < 0 then x := x + ${p}; end if;
    if y < 0 then y := y + ${p}; end if;
    keys[i] := pg_temp.wallet_vault_reversed(pg_temp.wallet_vault_hex(y + x % 2 * ${2n ** 255n}, 64));
  end loop;
  return keys;
end `,
  ),
];
