/**
 * A key as its parts, in SQL a text[]:
 *
 * 1. 32 bytes as hex digits, a number for secp256k1; null where the key is for ed25519 alone;
 * 2. 32 bytes as hex digits, a seed for ed25519; null where the key is for secp256k1 alone. Both where nothing tells which;
 * 3. what else the key says of its address: `uncompressed` (Bitcoin), `sui` or `aptos` (their own forms of a key), or null.
 *
 * Of a seed of the XRP Ledger for secp256k1, the first is the root key, and the third is `root`.
 * No array at all: no form that an address can be derived from.
 */
export const keyParts = (secp256k1: string, ed25519: string, says = "null"): string =>
  `array[${secp256k1}, ${ed25519}, ${says}]::text[]`;
