import { base58, hex } from "@scure/base";
import * as oracle from "./derivation-oracle";

export interface Family {
  readonly name: string;
  /** How a key of 32 bytes may be stored. Each opens the address. */
  readonly keys: (key: Uint8Array) => readonly string[];
  readonly address: (key: Uint8Array) => string;
  /** What a stored key is said to open beside another's address, where it may open several. Default: the address. */
  readonly opens?: (key: Uint8Array, stored: string) => string;
  readonly network?: string;
}

const hexKeys = (key: Uint8Array): string[] => [hex.encode(key), `0x${hex.encode(key)}`, hex.encode(key).toUpperCase()];
const bitcoinKeys = (key: Uint8Array): string[] => [hex.encode(key), oracle.wif(key), oracle.wif(key, 0xef)];
const keyPair = (seed: Uint8Array): Uint8Array => oracle.bytes(seed, oracle.publicKey(seed));
const seeds = (seed: Uint8Array): string[] => [
  base58.encode(keyPair(seed)),
  base58.encode(seed),
  JSON.stringify([...keyPair(seed)]),
  hex.encode(seed),
  hex.encode(keyPair(seed)),
];
const entropy = (key: Uint8Array): Uint8Array => key.subarray(0, 16);

/** Every family of wallets, with every form of its keys. */
export const families: readonly Family[] = [
  { name: "EVM", keys: hexKeys, address: oracle.evm },
  { name: "EVM, mixed case", keys: hexKeys, address: (key) => oracle.erc55(oracle.evm(key)) },
  { name: "Injective", keys: hexKeys, address: oracle.injective },
  { name: "Cosmos", keys: hexKeys, address: (key) => oracle.cosmos(key) },
  { name: "Osmosis", keys: hexKeys, address: (key) => oracle.cosmos(key, "osmo") },
  { name: "P2PKH", keys: bitcoinKeys, address: (key) => oracle.p2pkh(key) },
  {
    name: "P2PKH, uncompressed",
    keys: (key) => [hex.encode(key), oracle.wif(key, 0x80, false)],
    address: (key) => oracle.p2pkh(key, 0, false),
    opens: (key, stored) => oracle.p2pkh(key, 0, stored.length === 64),
  },
  { name: "P2PKH of the test network", keys: bitcoinKeys, address: (key) => oracle.p2pkh(key, 0x6f) },
  { name: "P2SH-P2WPKH", keys: bitcoinKeys, address: (key) => oracle.p2sh(key) },
  { name: "P2SH-P2WPKH of the test network", keys: bitcoinKeys, address: (key) => oracle.p2sh(key, 0xc4) },
  { name: "P2WPKH", keys: bitcoinKeys, address: (key) => oracle.p2wpkh(key) },
  { name: "P2WPKH of the test network", keys: bitcoinKeys, address: (key) => oracle.p2wpkh(key, "tb") },
  { name: "P2TR", keys: bitcoinKeys, address: (key) => oracle.p2tr(key) },
  { name: "P2TR of the test network", keys: bitcoinKeys, address: (key) => oracle.p2tr(key, "tb") },
  { name: "Solana", keys: seeds, address: oracle.solana },
  { name: "Stellar", keys: (key) => [oracle.strkey(0x90, key), hex.encode(key)], address: oracle.stellar },
  { name: "XRP", keys: (key) => [`00${hex.encode(key)}`, hex.encode(key)], address: oracle.xrp },
  {
    name: "XRP with ed25519",
    keys: (key) => [`ED${hex.encode(key).toUpperCase()}`, hex.encode(key)],
    address: oracle.xrpOfEd25519,
    opens: (key, stored) => (stored.length === 64 ? oracle.xrp(key) : oracle.xrpOfEd25519(key)),
  },
  {
    name: "XRP with a seed",
    keys: (key) => [oracle.xrpSeed(entropy(key))],
    address: (key) => oracle.xrpOfSeed(entropy(key)),
  },
  {
    name: "XRP with a seed for ed25519",
    keys: (key) => [oracle.xrpEd25519Seed(entropy(key))],
    address: (key) => oracle.xrpOfEd25519Seed(entropy(key)),
  },
  { name: "Sui", keys: (key) => [oracle.suiKey(0, key)], address: oracle.sui },
  { name: "Sui, hex digits", keys: hexKeys, address: oracle.sui, network: "sui" },
  { name: "Sui with secp256k1", keys: (key) => [oracle.suiKey(1, key)], address: oracle.suiOfSecp256k1 },
  { name: "Aptos", keys: (key) => [...hexKeys(key), `ed25519-priv-0x${hex.encode(key)}`], address: oracle.aptos },
  {
    name: "NEAR",
    keys: (key) => [`ed25519:${base58.encode(keyPair(key))}`, `ed25519:${base58.encode(key)}`],
    address: oracle.near,
  },
];
