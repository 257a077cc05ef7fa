/** Shorter texts may be in a key by chance. */
const tellingLength = 16;

/** White space and quotes, which stand around keys that were pasted or encoded twice, and between the words of a phrase. */
const padding = String.raw`E' \t\n\r\f\x0b"'''`;

/** In small letters without padding, 0x and leading zeros, under a collation in which texts can be searched, whatever their column has. */
const bare = (text: string): string => `ltrim(translate(lower(${text} collate "C"), ${padding}, ''), '0x')`;

/**
 * SQL that is true where a text gives a wallet's key away: the key, or how it begins, is in it, or it is a piece of the key;
 * in capital or small letters, with 0x or white space before it or not. Addresses are published by the monitoring view, and
 * in the field some hold key digits.
 *
 * A key that is more than digits and letters, such as a JSON keystore, may well hold the wallet's address.
 *
 * @param text SQL of a text
 * @param keys SQL of the wallet's keys, each a text or null
 */
export function holdsKey(text: string, keys: readonly string[]): string {
  const made = keys.map((key, n) => `${bare(key)} as key_${n}`);
  const held = keys.map((_, n) => gives(`b.key_${n}`));
  return `exists (select from (select ${[`${bare(text)} as text`, ...made].join(", ")} offset 0) b
                where length(b.text) >= ${tellingLength} and (${held.join(" or ")}))`;
}

/** What is rare is asked last. */
const gives = (key: string): string => `(length(${key}) >= ${tellingLength}
                  and (strpos(b.text, left(${key}, ${tellingLength})) > 0 or strpos(${key}, b.text) > 0)
                  and (${key} !~ '[^0-9a-z]' or strpos(b.text, ${key}) > 0))`;
