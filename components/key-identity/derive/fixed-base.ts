import type { Curve } from "./curves";
import { pureFunction, sessionFunction } from "./pure-function";

/** Bits of a window. 9 costs one key a tenth more, 11 costs the first call of a session twice as much. */
const bits = 10;
/** Multiples of a window's base that the table holds: a digit is between -size and size. */
const size = 2 ** (bits - 1);
/** Enough for the carry beyond 255 bits: of a scalar and its negative the smaller one is used. */
const windows = Math.ceil(256 / bits);
/** Of a scalar's points, a power of two; those beyond the windows stay empty. */
const slots = 32;
/** Digits that are taken off a number at a time, as an int8. */
const digitsAtOnce = 5;
/** Added to a number, makes digits from -size up into digits from 0 up. */
const offset = Array.from({ length: windows }, (_, i) => BigInt(size) << BigInt(bits * i)).reduce((a, b) => a + b);

/** Where the session keeps the tables. A point is two elements, x and y, in all arrays of points. */
export const fixedBaseTable = `
create temporary table wallet_vault_multiples (curve text collate "C", points numeric[]);
alter table pg_temp.wallet_vault_multiples alter points set storage external;`;

/**
 * Multiples of a curve's base point, for many scalars at once: each is the sum of ${windows} points of a table, and these
 * sums are made in pairs, level by level, so that all additions of a level share one inversion.
 *
 * The formulas have exceptions: equal points, and a point and its negative. They cannot occur. The sum of a range of windows is
 * s times the base point with |s| < half of the next range's step, and the next range's is a multiple of that step, so that
 * their sum and difference are neither 0 nor, as the scalar is at most half of the order, a multiple of the order.
 */
export const fixedBase = [
  // Adds to each first of \`slots\` points the others, in place. A point that is null is the neutral element.
  pureFunction(
    "sums(points numeric[], p numeric)",
    "numeric[]",
    `
declare
  run numeric[] := '{}'; slopes numeric[] := '{}'; product numeric; slope numeric; x1 numeric; y1 numeric; x3 numeric; apart int4 := 2;
begin
  while apart < ${2 * slots} loop
    product := 1;
    for a in 1..cardinality(points) by 2 * apart loop
      slope := points[a + apart] - points[a];
      if slope is not null then
        run[a] := product;
        product := product * slope % p;
      end if;
      slopes[a] := slope;
    end loop;
    product := pg_temp.wallet_vault_inverse(product, p);
    for a in reverse cardinality(points) - 2 * apart + 1..1 by 2 * apart loop
      slope := slopes[a];
      if slope is not null then
        x1 := points[a]; y1 := points[a + 1];
        slope := (points[a + apart + 1] - y1) * (run[a] * product % p) % p;
        product := product * slopes[a] % p;
        x3 := (slope * slope - x1 - points[a + apart]) % p;
        points[a] := x3;
        points[a + 1] := (slope * (x1 - x3) - y1) % p;
      elsif points[a] is null then
        points[a] := points[a + apart];
        points[a + 1] := points[a + apart + 1];
      end if;
    end loop;
    apart := 2 * apart;
  end loop;
  return points;
end `,
  ),
  // The bases, each ${bits} doublings after the one before, in Jacobian coordinates (x/z², y/z³); then their multiples. With 1 to c
  // known, c + 1 to 2c are sums with c and one doubling, in all windows at once.
  sessionFunction(
    "table(p numeric, a numeric, x numeric, y numeric)",
    "numeric[]",
    `
declare
  points numeric[] := array_fill(null::numeric, array[${2 * windows * size}]); zs numeric[]; slopes numeric[];
  z numeric := 1; m numeric; s numeric; yy numeric; slope numeric; x3 numeric; c int4 := 1; b int4; d int4;
begin
  for i in 0..${windows - 1} loop
    points[${2 * size} * i + 1] := x; points[${2 * size} * i + 2] := y; zs[i + 1] := z;
    for j in 1..${bits} loop
      yy := y * y % p;
      s := 4 * x * yy % p;
      m := (3 * x * x + a * (z * z % p) * (z * z % p)) % p;
      z := 2 * y * z % p;
      x := (m * m - 2 * s) % p;
      y := (m * (s - x) - 8 * yy * yy) % p;
    end loop;
  end loop;
  zs := pg_temp.wallet_vault_inverses(zs, p);
  for i in 0..${windows - 1} loop
    b := ${2 * size} * i + 1; z := zs[i + 1] * zs[i + 1] % p;
    points[b] := points[b] * z % p; points[b + 1] := points[b + 1] * (z * zs[i + 1] % p) % p;
  end loop;
  while c < ${size} loop
    slopes := array_fill(null::numeric, array[${windows} * c]);
    for i in 0..${windows - 1} loop
      b := ${2 * size} * i + 2 * c - 1;
      for j in 1..c loop
        slopes[i * c + j] := case when j = c then 2 * points[b + 1] else points[${2 * size} * i + 2 * j - 1] - points[b] end;
      end loop;
    end loop;
    slopes := pg_temp.wallet_vault_inverses(slopes, p);
    for i in 0..${windows - 1} loop
      b := ${2 * size} * i + 2 * c - 1; x := points[b]; y := points[b + 1];
      for j in 1..c loop
        d := ${2 * size} * i + 2 * j - 1;
        slope := case when j = c then 3 * x * x + a else points[d + 1] - y end * slopes[i * c + j] % p;
        x3 := (slope * slope - x - points[d]) % p;
        points[b + 2 * j] := x3;
        points[b + 2 * j + 1] := (slope * (x - x3) - y) % p;
      end loop;
    end loop;
    c := 2 * c;
  end loop;
  return points;
end `,
  ),
];

/** \`<curve>(scalars)\`: the points, as they are on the curve, for scalars from 1 to the order - 1. Null for null. */
export const multiplesOf = ({ name, p, a, order, x, y }: Curve): string =>
  sessionFunction(
    `${name}(scalars numeric[])`,
    "numeric[]",
    `
declare
  multiples numeric[]; points numeric[] := array_fill(null::numeric, array[${2 * slots} * cardinality(scalars)]);
  multiple numeric[] := array_fill(null::numeric, array[2 * cardinality(scalars)]);
  k numeric; negative bool; part int8; digit int4; chosen int4; slot int4;
begin
  select t.points into multiples from pg_temp.wallet_vault_multiples t where t.curve = '${name}';
  if multiples is null then
    insert into pg_temp.wallet_vault_multiples (curve, points)
      values ('${name}', pg_temp.wallet_vault_table(${p}, ${a}, ${x}, ${y}))
      returning wallet_vault_multiples.points into multiples;
  end if;
  for i in 1..cardinality(scalars) loop
    k := scalars[i];
    continue when k is null;
    negative := k > ${order / 2n};
    if negative then k := ${order} - k; end if;
    k := k + ${offset};
    for j in 0..${windows - 1} by ${digitsAtOnce} loop
      part := k % ${2n ** BigInt(bits * digitsAtOnce)};
      k := div(k, ${2n ** BigInt(bits * digitsAtOnce)});
      for window_at in j..least(j + ${digitsAtOnce - 1}, ${windows - 1}) loop
        digit := ((part >> (${bits} * (window_at - j))) & ${2 ** bits - 1})::int4 - ${size};
        if digit <> 0 then
          chosen := ${2 * size} * window_at + 2 * abs(digit) - 1;
          slot := ${2 * slots} * (i - 1) + 2 * window_at + 1;
          points[slot] := multiples[chosen];
          points[slot + 1] := case when negative = (digit < 0) then multiples[chosen + 1] else - multiples[chosen + 1] end;
        end if;
      end loop;
    end loop;
  end loop;
  points := pg_temp.wallet_vault_sums(points, ${p});
  for i in 1..cardinality(scalars) loop
    continue when scalars[i] is null;
    slot := ${2 * slots} * (i - 1) + 1;
    multiple[2 * i - 1] := case when points[slot] < 0 then ${p} + points[slot] else points[slot] end;
    multiple[2 * i] := case when points[slot + 1] < 0 then ${p} + points[slot + 1] else points[slot + 1] end;
  end loop;
  return multiple;
end `,
  );
