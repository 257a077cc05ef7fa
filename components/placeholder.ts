import { quoteLiteral, quoteTextArray } from "./postgres/quote";

/** Unicode's White_Space (PropList.txt), and U+FEFF, which is invisible too. */
const unicodeWhiteSpace =
  " \t\n\u000b\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff";
const asciiWhiteSpace = " \t\n\u000b\f\r";

/**
 * SQL of a text that may be a key: `value`, or null where it is none: empty, white space only, or one of `placeholders`,
 * spelled exactly, whatever collation its column has. Independent of the database's locale.
 *
 * @param value SQL of type text. Nearly always evaluated twice only: scans of all wallets take their time with this.
 * @param utf8 whether the database's encoding is UTF8; in others the wider white space cannot be written
 */
export function keyOrNull(value: string, placeholders: readonly string[], utf8: boolean): string {
  const whiteSpace = quoteLiteral(utf8 ? unicodeWhiteSpace : asciiWhiteSpace);
  const written = `${beginsVisibly(value, utf8)} or btrim(${value}, ${whiteSpace}) <> ''`;
  const text = `${value} collate "C"`;
  // Nested, they are faster than a list and read the value once; thousands would be deeper than PostgreSQL parses.
  return placeholders.length <= mostNested
    ? `case when ${written} then ${placeholders.reduce((sql, one) => `nullif(${sql}, ${quoteLiteral(one)})`, text)} end`
    : `case when ${written} then case when not (${text} = any (${quoteTextArray(placeholders)})) then ${text} end end`;
}

const mostNested = 8;

/** Nearly every key begins with a visible ASCII character (33 to 126), which settles it without reading on. */
function beginsVisibly(value: string, utf8: boolean): string {
  // Of the other encodings that have characters of several bytes, ascii() takes none of those.
  return utf8 ? `abs(2 * ascii(${value}) - 159) <= 93` : `${value} collate "C" between '!' and '~~'`;
}

/** True where `value` is a text but no key, null where it is null. */
export function isPlaceholder(value: string, placeholders: readonly string[], utf8: boolean): string {
  return `(case when ${value} is not null then (${keyOrNull(value, placeholders, utf8)}) is null end)`;
}
