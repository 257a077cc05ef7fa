/**
 * What may stand in a line of output. Ids and names of objects are whatever the database holds: a line end in one begins
 * a line of its own, which a CI system may take for a command (`::set-output`, `##vso[…]`), and a bidirectional control turns
 * around how the rest is shown.
 */
const unprintable =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|(?<=#)#|^::/gu;

/** The text on one line, with `\u000a` for a line end and the like. A text of ours comes back as it is. */
export function oneLine(text: string): string {
  return text.replace(unprintable, (found) =>
    Array.from(found, (sign) => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`).join(""),
  );
}

/** Characters of an id that are shown. A uuid has 36; what is cut ends in `…`. */
const longestId = 100;

/** A text on one line, and not too long for one. */
export function printable(text: string, longest: number): string {
  const signs = Array.from(text);
  return oneLine(signs.length > longest ? `${signs.slice(0, longest).join("")}…` : text);
}

/** An id, for people. */
export const printableId = (id: string): string => printable(id, longestId);

/** `schema.name` of a table or view, for people. SQL uses quoteQualified(). */
export const displayName = ({ schema, name }: { readonly schema: string; readonly name: string }): string =>
  `${schema}.${name}`;
