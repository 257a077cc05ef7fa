import type { Curve } from "./curves";
import { pureFunction, sessionFunction } from "./pure-function";

/** Bits of a window. 9 costs one key a tenth more, 11 costs the first call of a session twice as much. */
const bits = 10;
/** Multiples of a window's base that the table holds: a digit is between -size and size. */
const size = 2 ** (bits - 1);
/** Enough for the carry beyond 255 bits: of a scalar and its negative the smaller one is used. */
const windows = Math.ceil(256 / bits);
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
  pureFunction(
    "sums(points numeric[], terms int4, p numeric)",
    "numeric[]",
    `
declare
  sums numeric[]; slopes numeric[]; pairs int4; many int4 := cardinality(points) / 2 / terms; a int4; b int4;
  x1 numeric; y1 numeric; x2 numeric; x3 numeric; slope numeric;
begin
  while terms > 1 loop
    pairs := (terms + 1) / 2;
    slopes := array_fill(null::numeric, array[many * pairs]);
    for i in 0..many - 1 loop
      for j in 1..terms / 2 loop
        a := 2 * (i * terms + 2 * j) - 3;
        slopes[i * pairs + j] := points[a + 2] - points[a];
      end loop;
    end loop;
    slopes := pg_temp.wallet_vault_inverses(slopes, p);
    sums := array_fill(null::numeric, array[2 * many * pairs]);
    for i in 0..many - 1 loop
      for j in 1..pairs loop
        a := 2 * (i * terms + 2 * j) - 3;
        b := 2 * (i * pairs + j) - 1;
        slope := slopes[i * pairs + j];
        if slope is not null then
          x1 := points[a]; y1 := points[a + 1]; x2 := points[a + 2];
          slope := (points[a + 3] - y1) * slope % p;
          x3 := (slope * slope - x1 - x2) % p;
          sums[b] := x3;
          sums[b + 1] := (slope * (x1 - x3) - y1) % p;
        else
          if points[a] is null and 2 * j <= terms then a := a + 2; end if;
          sums[b] := points[a];
          sums[b + 1] := points[a + 1];
        end if;
      end loop;
    end loop;
    points := sums;
    terms := pairs;
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
  multiples numeric[]; points numeric[] := array_fill(null::numeric, array[${2 * windows} * cardinality(scalars)]);
  k numeric; negative bool; part int8; digit int4; at int4; chosen int4;
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
    at := ${2 * windows} * (i - 1) + 1;
    for j in 0..${windows - 1} loop
      if j % ${digitsAtOnce} = 0 then
        part := k % ${2n ** BigInt(bits * digitsAtOnce)};
        k := div(k, ${2n ** BigInt(bits * digitsAtOnce)});
      end if;
      digit := (part & ${2 ** bits - 1})::int4 - ${size};
      part := part >> ${bits};
      if digit <> 0 then
        chosen := ${2 * size} * j + 2 * abs(digit) - 1;
        points[at] := multiples[chosen];
        points[at + 1] := case when negative = (digit < 0) then multiples[chosen + 1] else - multiples[chosen + 1] end;
      end if;
      at := at + 2;
    end loop;
  end loop;
  points := pg_temp.wallet_vault_sums(points, ${windows}, ${p});
  for i in 1..cardinality(points) loop
    if points[i] < 0 then points[i] := points[i] + ${p}; end if;
  end loop;
  return points;
end `,
  );
