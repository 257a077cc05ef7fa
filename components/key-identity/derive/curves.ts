/** An elliptic curve y² = x³ + ax + b over the integers modulo p, and a point of odd prime order on it. */
export interface Curve {
  readonly name: string;
  readonly p: bigint;
  readonly a: bigint;
  readonly order: bigint;
  readonly x: bigint;
  readonly y: bigint;
}

/** SEC 2: Recommended Elliptic Curve Domain Parameters, version 2.0, section 2.4.1. */
export const secp256k1: Curve = {
  name: "secp256k1",
  p: 2n ** 256n - 2n ** 32n - 977n,
  a: 0n,
  order: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
  x: 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
  y: 0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n,
};

const p = 2n ** 255n - 19n;

/** The remainder that is not negative. */
const mod = (n: bigint): bigint => ((n % p) + p) % p;

function power(base: bigint, exponent: bigint): bigint {
  if (exponent === 0n) return 1n;
  const root = power((base * base) % p, exponent / 2n);
  return exponent % 2n === 0n ? root : (root * base) % p;
}

const inverse = (n: bigint): bigint => power(mod(n), p - 2n);

/** RFC 7748, section 4.1: v² = u³ + Au² + u, its base point, and what takes u/v to the x of edwards25519. */
const montgomery = {
  a: 486662n,
  u: 9n,
  v: 14781619447589544791020593568409986887264606134616475288964881837755586237401n,
  toEdwards: 51042569399160536130206135233146329284152202253034631822681833788666877215207n,
};

const third = mod(montgomery.a * inverse(3n));

/**
 * Curve25519 as such a curve, where u = x - A/3 and v = y. A sum costs less here than on edwards25519 as long as many
 * divisions are done at once, and one adder serves both curves.
 */
export const curve25519: Curve & { readonly third: bigint; readonly toEdwards: bigint } = {
  name: "curve25519",
  p,
  a: mod((3n - montgomery.a ** 2n) * inverse(3n)),
  order: 2n ** 252n + 27742317777372353535851937790883648493n,
  x: mod(montgomery.u + third),
  y: montgomery.v,
  third,
  toEdwards: montgomery.toEdwards,
};
