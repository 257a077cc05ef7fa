/** Characters: a shorter text may be in a key by chance. */
const tellingLength = 16;

/** White space and quotes: found around keys that were pasted or encoded twice, and between the words of a phrase. */
const padding = String.raw`E' \t\n\r\f\x0b"'''`;

/** A text in small letters without padding, 0x and leading zeros, in a collation that can be searched, whatever its column has. */
const bare = (text: string): string => `ltrim(translate(lower(${text} collate "C"), ${padding}, ''), '0x')`;

/**
 * SQL of a boolean: whether a text gives a wallet's key away. That is: it contains the key or its beginning, or it is a piece of
 * the key; capital and small letters, white space and a leading 0x aside. The monitoring view publishes addresses, and in the
 * field some addresses hold key digits.
 *
 * A key that is more than digits and letters, such as a JSON keystore, may contain the wallet's address.
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

/** The rarest condition comes last. */
const gives = (key: string): string => `(length(${key}) >= ${tellingLength}
                  and (strpos(b.text, left(${key}, ${tellingLength})) > 0 or strpos(${key}, b.text) > 0)
                  and (${key} !~ '[^0-9a-z]' or strpos(b.text, ${key}) > 0))`;
