import { quoteLiteral } from "../../postgres/quote";

/** What a value looks like. A look proves nothing: a plain text may begin as a sealed one does. */
export type Shape = "sealed" | "plain" | "unknown";

const base58 = "1-9A-HJ-NP-Za-km-z";

/** Beginnings of sealed values: Vault's transit, AWS KMS, age, PGP (armored, and pgcrypto's in base64 or hex), PEM, Fernet, OpenSSL. */
const sealedBeginnings = [
  "vault:v[0-9]+:",
  "AQICAH",
  "age-encryption\\.org/",
  "-----BEGIN (AGE ENCRYPTED FILE|PGP MESSAGE|ENCRYPTED PRIVATE KEY)-----",
  "(ww0E[BC]|jA0E[BC]|wy4E[BC])",
  "\\\\xc30d04",
  "gAAAAA",
  "U2FsdGVkX1",
];

const plainBeginnings = [
  "suiprivkey1",
  "ed25519-priv-0x",
  "secp256k1-priv-0x",
  "ed25519:",
  "[xyztuv]prv",
  "-----BEGIN ([A-Z]+ )?PRIVATE KEY-----",
];

/** `iv:tag:ciphertext` or `iv:ciphertext`, in hex or base64. */
const colons =
  "^([0-9a-fA-F]{24}|[0-9a-fA-F]{32})(:[0-9a-fA-F]{32})?:[0-9a-fA-F]{32,}$|^[A-Za-z0-9+/]{16,22}={0,2}(:[A-Za-z0-9+/]{22}==)?:[A-Za-z0-9+/]{22,}={0,2}$";

const word = "[^\\s0-9[:punct:]]+";

/**
 * SQL of the Shape of a key. Sorted by how often a shape is found: nearly every key is hex, and a pattern that counts to 64
 * takes ten times as long as one that looks for what is not hex.
 *
 * @param key SQL of a text, real, collated "C"
 */
export function shapeOf(key: string): string {
  const matches = (pattern: string): string => `${key} ~ ${quoteLiteral(pattern)}`;
  const only = (signs: string): string => `${key} !~ ${quoteLiteral(`[^${signs}]`)}`;
  return `case
    when (length(${key}) = 64 or (length(${key}) = 66 and left(${key}, 2) in ('0x', '0X', 'ed', 'ED', '00')))
     and right(${key}, 64) !~ '[^0-9a-fA-F]' then 'plain'
    when left(${key}, 3) = 'eyJ' and ${matches("^[\\w-]+(\\.[\\w-]*){4}$")} then 'sealed'
    when ${matches(`^(${sealedBeginnings.join("|")})`)} then 'sealed'
    when left(${key}, 1) = '{' and ${matches('"(ciphertext|encrypted\\w*|ct|data|p)"\\s*:')}
     and ${matches('"(iv|nonce|salt|authTag|tag|h)"\\s*:')} then 'sealed'
    when ${matches(`^(${plainBeginnings.join("|")})`)} then 'plain'
    when length(${key}) between 51 and 52 and left(${key}, 1) in ('5', 'K', 'L', 'c', '9') and ${only(base58)} then 'plain'
    when length(${key}) between 86 and 88 and ${only(base58)} then 'plain'
    when length(${key}) = 56 and left(${key}, 1) = 'S' and ${only("A-Z2-7")} then 'plain'
    when length(${key}) between 29 and 31 and left(${key}, 1) = 's' and ${only(base58)} then 'plain'
    when left(${key}, 1) = '[' and ${matches("^\\[\\s*\\d{1,3}(\\s*,\\s*\\d{1,3}){31,63}\\s*\\]$")} then 'plain'
    when strpos(${key}, ':') > 0 and ${matches(colons)} then 'sealed'
    when strpos(${key}, ' ') > 0 and ${matches(`^\\s*${word}(\\s+${word}){11}((\\s+${word}){3}){0,4}\\s*$`)} then 'plain'
    else 'unknown'
  end`;
}
