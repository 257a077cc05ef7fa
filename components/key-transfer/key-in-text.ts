/** Characters: a shorter text may be in a key by chance. */
export const tellingLength = 16;

/** White space and quotes: found around keys that were pasted or encoded twice, and between the words of a phrase. */
const padding = String.raw`E' \t\n\r\f\x0b"'''`;
const hasPadding = String.raw`E'[ \t\n\r\f\x0b"'']'`;

/**
 * SQL of a text in small letters without padding, 0x and leading zeros, in a collation that can be searched, whatever its column
 * has. Nearly no text has padding, and taking it out takes ten times as long as looking for it.
 */
export const bareText = (text: string): string =>
  `ltrim(case when ${text} collate "C" ~ ${hasPadding} then translate(lower(${text} collate "C"), ${padding}, '')
              else lower(${text} collate "C") end, '0x')`;

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
  const given = [`${text} as text`, ...keys.map((key, n) => `${key} as key_${n}`)];
  const made = ["text", ...keys.map((_, n) => `key_${n}`)].map((name) => `${bareText(`g.${name}`)} as ${name}`);
  const held = keys.map((_, n) => givesAway("b.text", `b.key_${n}`));
  return `exists (select from (select ${made.join(", ")} from (select ${given.join(", ")} offset 0) g offset 0) b
                where ${held.join(" or ")})`;
}

/** The same, of texts that `bareText` has made. The rarest condition comes last. */
export const givesAway = (
  text: string,
  key: string,
): string => `(length(${text}) >= ${tellingLength} and length(${key}) >= ${tellingLength}
                  and (strpos(${text}, left(${key}, ${tellingLength})) > 0 or strpos(${key}, ${text}) > 0)
                  and (${key} !~ '[^0-9a-z]' or strpos(${text}, ${key}) > 0))`;
