/** Names shown in one sentence; the others are counted. */
const mostNames = 5;

/** `anon, authenticated and 3 more` */
export function nameList(names: readonly string[]): string {
  if (names.length <= mostNames) return names.join(", ");
  return `${names.slice(0, mostNames).join(", ")} and ${names.length - mostNames} more`;
}

/** A regular expression of PostgreSQL that finds any of the names as a word of its own. */
export const anyWord = (names: readonly string[]): string =>
  `(?<!\\w)(?:${names.map((name) => name.replace(/[^\w]/gu, "\\$&")).join("|")})(?!\\w)`;
