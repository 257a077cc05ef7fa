import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { blake2b } from "@noble/hashes/blake2.js";
import { ripemd160 } from "@noble/hashes/legacy.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { keccak_256, sha3_256 } from "@noble/hashes/sha3.js";
import { base32, base58, base58xrp, bech32, bech32m, createBase58check, hex } from "@scure/base";

/** What a key opens, by audited libraries: written a second time, from the same specifications. */

type Bytes = Uint8Array<ArrayBufferLike>;

export const bytes = (...parts: readonly (number | Bytes)[]): Bytes =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === "number" ? [part] : [...part])));
const ascii = (text: string): Bytes => new TextEncoder().encode(text);
const hash160 = (of: Bytes): Bytes => ripemd160(sha256(of));
const base58check = createBase58check(sha256);

const checksum = (of: Bytes): Bytes => sha256(sha256(of)).subarray(0, 4);
export const xrpBase58check = (of: Bytes): string => base58xrp.encode(bytes(of, checksum(of)));

function crc16(of: Bytes): Bytes {
  let crc = 0;
  for (const byte of of) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return bytes(crc & 255, crc >> 8);
}
export const strkey = (version: number, of: Bytes): string =>
  base32.encode(bytes(version, of, crc16(bytes(version, of))));

const compressed = (key: Bytes): Bytes => secp256k1.getPublicKey(key, true);
const uncompressed = (key: Bytes): Bytes => secp256k1.getPublicKey(key, false);
const evmBytes = (key: Bytes): Bytes => keccak_256(uncompressed(key).subarray(1)).subarray(12);
const { Point } = secp256k1;

export const evm = (key: Bytes): string => `0x${hex.encode(evmBytes(key))}`;
export function erc55(address: string): string {
  const digits = address.slice(2);
  const hash = hex.encode(keccak_256(ascii(digits)));
  return `0x${[...digits].map((digit, i) => ((hash[i] as string) >= "8" ? digit.toUpperCase() : digit)).join("")}`;
}
export const injective = (key: Bytes): string => bech32.encode("inj", bech32.toWords(evmBytes(key)));
export const cosmos = (key: Bytes, prefix = "cosmos"): string =>
  bech32.encode(prefix, bech32.toWords(hash160(compressed(key))));
export const p2pkh = (key: Bytes, version = 0, shortened = true): string =>
  base58check.encode(bytes(version, hash160(shortened ? compressed(key) : uncompressed(key))));
export const p2sh = (key: Bytes, version = 5): string =>
  base58check.encode(bytes(version, hash160(bytes(0, 20, hash160(compressed(key))))));
export const p2wpkh = (key: Bytes, prefix = "bc"): string =>
  bech32.encode(prefix, [0, ...bech32.toWords(hash160(compressed(key)))]);
export function p2tr(key: Bytes, prefix = "bc"): string {
  const x = compressed(key).subarray(1);
  const tag = sha256(ascii("TapTweak"));
  const tweak = Point.BASE.multiply(Point.Fn.create(BigInt(`0x${hex.encode(sha256(bytes(tag, tag, x)))}`)));
  const tweaked = Point.fromBytes(bytes(2, x)).add(tweak);
  return bech32m.encode(prefix, [1, ...bech32m.toWords(tweaked.toBytes(true).subarray(1))]);
}
export const wif = (key: Bytes, version = 0x80, shortened = true): string =>
  base58check.encode(shortened ? bytes(version, key, 1) : bytes(version, key));

export const publicKey = (seed: Bytes): Bytes => ed25519.getPublicKey(seed);
export const solana = (seed: Bytes): string => base58.encode(publicKey(seed));
export const near = (seed: Bytes): string => hex.encode(publicKey(seed));
export const stellar = (seed: Bytes): string => strkey(0x30, publicKey(seed));
export const aptos = (seed: Bytes): string => `0x${hex.encode(sha3_256(bytes(publicKey(seed), 0)))}`;
export const sui = (seed: Bytes): string => `0x${hex.encode(blake2b(bytes(0, publicKey(seed)), { dkLen: 32 }))}`;
export const suiOfSecp256k1 = (key: Bytes): string =>
  `0x${hex.encode(blake2b(bytes(1, compressed(key)), { dkLen: 32 }))}`;
export const suiKey = (flag: number, key: Bytes): string =>
  bech32.encode("suiprivkey", bech32.toWords(bytes(flag, key)));

export const xrp = (key: Bytes): string => xrpBase58check(bytes(0, hash160(compressed(key))));
export const xrpOfEd25519 = (seed: Bytes): string => xrpBase58check(bytes(0, hash160(bytes(0xed, publicKey(seed)))));
export const xrpSeed = (entropy: Bytes): string => xrpBase58check(bytes(0x21, entropy));
export const xrpEd25519Seed = (entropy: Bytes): string => xrpBase58check(bytes(0x01, 0xe1, 0x4b, entropy));
const half = (of: Bytes): Bytes => sha512(of).subarray(0, 32);
export const xrpOfEd25519Seed = (entropy: Bytes): string => xrpOfEd25519(half(entropy));
export function xrpOfSeed(entropy: Bytes): string {
  const scalar = (of: Bytes): bigint => {
    for (let i = 0; ; i++) {
      const n = BigInt(`0x${hex.encode(half(bytes(of, 0, 0, 0, i)))}`);
      if (n > 0n && n < Point.Fn.ORDER) return n;
    }
  };
  const root = scalar(entropy);
  const second = scalar(bytes(Point.BASE.multiply(root).toBytes(true), 0, 0, 0, 0));
  return xrp(Point.Fn.toBytes(Point.Fn.create(root + second)));
}
