import { address } from "./addresses/address";
import { writtenAddress } from "./addresses/written-address";
import { base32 } from "./base32";
import { base58 } from "./base58";
import { bech32 } from "./bech32";
import { blake2b } from "./blake2b";
import { crc16 } from "./crc16";
import { curve25519, secp256k1 } from "./curves";
import type { IdentityFinding } from "../findings";
import { ed25519 } from "./ed25519";
import { findings } from "./findings";
import { fixedBase, fixedBaseTable, multiplesOf } from "./fixed-base";
import { keccak } from "./keccak";
import { key } from "./keys/key";
import { numbers } from "./numbers";
import { payload } from "./payload";
import { primeField } from "./prime-field";
import { ripemd160 } from "./ripemd160";

/** What a derivation finds. */
export type Finding = Exclude<IdentityFinding, "unproven">;

/** Changes whenever a finding may change: part of what makes a recorded proof valid. */
export const derivationVersion = 1;

/**
 * SQL that creates, once a session, the function
 *
 *     pg_temp.wallet_vault_findings(keys text[], addresses text[], networks text[], types text[])
 *       returns table (n int4, finding text, opens text)
 *
 * `n` is the position from 1 on, `opens` the address that the key opens, in the form of the wallet's address; null
 * unless the finding is `mismatch`. Many keys in one call cost less each; 200 to 1,000 are a good number. It never raises an
 * error for a text. It needs the search path `pg_catalog, pg_temp`, to create and to call, and the privilege TEMPORARY. The
 * first call for a curve in a session makes a table of its points in pg_temp, which takes 0.1 to 0.5 s.
 */
export const deriveFunctions = (): string =>
  [
    fixedBaseTable,
    ...numbers,
    ...primeField,
    ...fixedBase,
    multiplesOf(secp256k1),
    multiplesOf(curve25519),
    ...ed25519,
    keccak,
    blake2b,
    ...ripemd160,
    ...base58,
    ...base32,
    ...bech32,
    crc16,
    ...address,
    ...writtenAddress,
    ...key,
    ...payload,
    ...findings,
  ].join("\n");
