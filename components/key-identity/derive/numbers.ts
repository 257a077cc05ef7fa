import { pureFunction } from "./pure-function";

/** Hex digits that an int8 holds with room for the sign. */
const step = 14;

/** Hex digits to a number, and a number below 16 ^ digits to so many hex digits. */
export const numbers = [
  pureFunction(
    "number(hex text)",
    "numeric",
    `
declare
  padded text collate "C" := lpad(hex, (length(hex) + ${step - 1}) / ${step} * ${step}, '0');
  n numeric := 0;
begin
  for i in 0..length(padded) / ${step} - 1 loop
    n := n * ${16n ** BigInt(step)} + ('x' || substr(padded, ${step} * i + 1, ${step}))::bit(${4 * step})::int8;
  end loop;
  return n;
end `,
  ),
  pureFunction(
    "hex(n numeric, digits int4)",
    "text",
    `
declare
  hex text collate "C" := '';
begin
  while length(hex) < digits loop
    hex := lpad(to_hex((n % ${16n ** BigInt(step)})::int8), ${step}, '0') || hex;
    n := div(n, ${16n ** BigInt(step)});
  end loop;
  return right(hex, digits);
end `,
  ),
  pureFunction(
    "reversed(hex text)",
    "text",
    `
declare
  reversed text collate "C" := '';
begin
  for i in reverse length(hex) / 2 - 1..0 loop
    reversed := reversed || substr(hex, 2 * i + 1, 2);
  end loop;
  return reversed;
end `,
  ),
];
