import { literal, textArray } from "../postgres/identifiers";

/** Unicode's White_Space (PropList.txt), and U+FEFF, which is invisible too. */
const unicodeWhiteSpace =
  " \t\n\u000b\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff";
const asciiWhiteSpace = " \t\n\u000b\f\r";

/**
 * SQL that is true where `value` is a text but no key: empty, white space only, or one of `placeholders`, spelled
 * exactly, whatever collation its column has. Null where `value` is null. Independent of the database's locale.
 *
 * @param value SQL of type text, evaluated up to three times
 * @param utf8 whether the database's encoding is UTF8; in others the wider white space cannot be written
 */
export function isPlaceholder(value: string, placeholders: readonly string[], utf8: boolean): string {
  const whiteSpace = literal(utf8 ? unicodeWhiteSpace : asciiWhiteSpace);
  const listed = placeholders.length > 0 ? ` or ${value} collate "C" = any (${textArray(placeholders)})` : "";
  // Nearly every key begins with a visible ASCII character, which settles the first half without reading on.
  return `(ascii(${value}) not between 33 and 126 and btrim(${value}, ${whiteSpace}) = ''${listed})`;
}
