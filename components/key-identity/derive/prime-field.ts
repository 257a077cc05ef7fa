import { pureFunction } from "./pure-function";

/** Arithmetic modulo a prime, with PostgreSQL's own long numbers: no limbs in PL/pgSQL are faster. */
export const primeField = [
  // The extended Euclidean algorithm. The inverse of 0 is 0.
  pureFunction(
    "inverse(n numeric, p numeric)",
    "numeric",
    `
declare
  a numeric := p; b numeric := (n % p + p) % p;
  s numeric := 0; t numeric := 1;
  q numeric; next numeric;
begin
  while b <> 0 loop
    q := div(a, b);
    next := a - q * b; a := b; b := next;
    next := s - q * t; s := t; t := next;
  end loop;
  return s;
end `,
  ),
  // One inversion serves all (P. L. Montgomery, "Speeding the Pollard and elliptic curve methods of factorization", 1987,
  // section 10.3.1). Null stays null. No element may be a multiple of p.
  pureFunction(
    "inverses(n numeric[], p numeric)",
    "numeric[]",
    `
declare
  inverses numeric[] := '{}'; product numeric := 1;
begin
  for i in 1..cardinality(n) loop
    if n[i] is not null then
      inverses[i] := product;
      product := product * n[i] % p;
    end if;
  end loop;
  product := pg_temp.wallet_vault_inverse(product, p);
  for i in reverse cardinality(n)..1 loop
    if n[i] is not null then
      inverses[i] := inverses[i] * product % p;
      product := product * n[i] % p;
    end if;
  end loop;
  return inverses;
end `,
  ),
];
