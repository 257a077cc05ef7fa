/** Shorter texts may be in a key by chance. */
const tellingLength = 16;

/** Without 0x and leading zeros, in a collation under which texts can be searched, whatever their column has. */
const bare = (text: string): string => `ltrim(lower(${text} collate "C"), '0x')`;

/**
 * SQL that is true where a text gives a wallet's key away: the key is in it, or it is a piece of the key, in capital or small
 * letters, with 0x before it or not. Addresses are published by the monitoring view, and in the field some hold key digits.
 *
 * A key that is more than digits and letters, such as a JSON keystore, may well hold the wallet's address.
 *
 * @param text SQL of a text
 * @param key SQL of a key, text or null
 */
export function holdsKey(text: string, key: string): string {
  const [outer, inner] = [bare(text), bare(key)];
  return `(case when length(${outer}) >= ${tellingLength} and length(${inner}) >= ${tellingLength}
                 then strpos(${outer}, ${inner}) > 0 or (strpos(${inner}, ${outer}) > 0 and ${key} !~ '[^0-9A-Za-z]') end) is true`;
}
