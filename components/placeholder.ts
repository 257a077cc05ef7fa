import { quoteLiteral, quoteTextArray } from "./postgres/quote";

/** Unicode's White_Space (PropList.txt), and U+FEFF, which is invisible too. */
const unicodeWhiteSpace =
  " \t\n\u000b\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff";
const asciiWhiteSpace = " \t\n\u000b\f\r";

/**
 * SQL of `value` where it may be a key, else null. A text is no key if it is empty, white space only, or exactly one of
 * `placeholders`. Depends on neither the column's collation nor the database's locale.
 *
 * @param value SQL of type text. Nearly always evaluated twice only: this takes most of the time of a scan of all wallets
 * @param utf8 whether the database's encoding is UTF8; other encodings cannot express the wider white space
 */
export function keyOrNull(value: string, placeholders: readonly string[], utf8: boolean): string {
  const whiteSpace = quoteLiteral(utf8 ? unicodeWhiteSpace : asciiWhiteSpace);
  const written = `${beginsVisibly(value, utf8)} or btrim(${value}, ${whiteSpace}) <> ''`;
  const text = `${value} collate "C"`;
  // Nested calls are faster than a list and read the value once, but PostgreSQL cannot parse thousands of them.
  return placeholders.length <= mostNested
    ? `case when ${written} then ${placeholders.reduce((sql, one) => `nullif(${sql}, ${quoteLiteral(one)})`, text)} end`
    : `case when ${written} then case when not (${text} = any (${quoteTextArray(placeholders)})) then ${text} end end`;
}

const mostNested = 8;

/** Nearly every key begins with a visible ASCII character (33 to 126). Then the rest of it need not be read. */
function beginsVisibly(value: string, utf8: boolean): string {
  // In other encodings with characters of several bytes, ascii() refuses such a character.
  return utf8 ? `abs(2 * ascii(${value}) - 159) <= 93` : `${value} collate "C" between '!' and '~~'`;
}

/** SQL of a boolean: true where `value` is a text but no key, null where it is null. */
export function isPlaceholder(value: string, placeholders: readonly string[], utf8: boolean): string {
  return `(case when ${value} is not null then (${keyOrNull(value, placeholders, utf8)}) is null end)`;
}
