/**
 * An address as its parts, in SQL a text[]:
 *
 * 1. the form, one of these;
 * 2. what stands before or around the payload: see each form;
 * 3. the payload, as hex digits: what is compared with what a key gives.
 *
 * `impossible` has no other parts. No array at all: no form that a key can be compared with.
 */
export type AddressForm =
  | "impossible"
  /** EVM: `0x` or nothing; `+` where it has capital letters, as ERC-55 has. 20 bytes. */
  | "evm"
  /** Cosmos, Injective: the human-readable part. 20 bytes. */
  | "cosmos"
  /** Bitcoin: the version byte as hex digits, or the human-readable part. 20 bytes; of p2tr 32. */
  | "p2pkh"
  | "p2sh"
  | "p2wpkh"
  | "p2tr"
  /** 32 bytes, nothing before. */
  | "solana"
  | "stellar"
  | "near"
  /** 20 bytes, nothing before. */
  | "xrp"
  /** `0x`, nothing, or `short` where leading zeros were left out. 32 bytes. `move` is Sui or Aptos: nothing says which. */
  | "sui"
  | "aptos"
  | "move";
