import { literal, textArray } from "../postgres/identifiers";
import type { Shape, Wallets } from "./wallets";

/**
 * A `json` document as jsonb, or null where it must not be read: where jsonb would refuse it (`json` takes escapes that
 * no text can hold and numbers that are too large; one such document would end every statement that reads it, and
 * PostgreSQL would write it to its log), or where a key on the way to a key is there twice: `json` keeps both, and
 * jsonb would take the last one, which would be a guess.
 */
export function readableJson(column: string, paths: Wallets["keyPaths"], shape: Shape): string {
  const twice = new Set(
    paths.flatMap((path) => path.map((name, depth) => repeated(column, path.slice(0, depth), name))),
  );
  return `(case when ${isValid(column, shape)} then case when not (${[...twice].join(" or ")}) then ${column}::jsonb end end)`;
}

/** True where the object at `path` has a field of that name more than once. */
function repeated(column: string, path: readonly string[], name: string): string {
  const object = path.length > 0 ? `${column} #> ${textArray(path)}` : column;
  return `(select count(*) > 1 from json_each(case when json_typeof(${object}) = 'object' then ${object} end) e where e.key = ${literal(name)})`;
}

function isValid(column: string, { checksJson, utf8 }: Shape): string {
  const text = `${column}::text`;
  if (checksJson) return `pg_input_is_valid(${text}, 'jsonb')`;
  const matches = (value: string, pattern: string) => `${value} ~ ${literal(pattern)}`;
  // A backslash that is escaped itself escapes nothing; where digits stand in a string they are no number.
  const escapes = `replace(${text}, ${literal("\\\\")}, '')`;
  const numbers = `regexp_replace(${text}, ${literal(String.raw`"([^"\\]|\\.)*"`)}, '""', 'g')`;
  const tooLarge = String.raw`[eE][-+]?\d{4}|\d{255}`;
  // Nearly every document holds nothing of the kind, and looking closer takes seconds for a megabyte.
  return `case when not (${matches(text, suspiciousEscape(utf8))} or ${matches(text, tooLarge)}) then true
               else not (${matches(escapes, badEscape(utf8))} or ${matches(numbers, tooLarge)}) end`;
}

const high = String.raw`\\u[dD][89abAB][0-9a-fA-F]{2}`;
const low = String.raw`\\u[dD][c-fC-F][0-9a-fA-F]{2}`;
const beyondAscii = String.raw`\\u(00[89a-fA-F]|0[1-9a-fA-F]|[1-9a-fA-F])`;

const suspiciousEscape = (utf8: boolean): string =>
  utf8 ? String.raw`\\u(0000|[dD][89a-fA-F])` : String.raw`\\u0000|${beyondAscii}`;

/** No text can hold \u0000 or half a surrogate pair; another encoding may not hold what is beyond ASCII. */
const badEscape = (utf8: boolean): string =>
  String.raw`\\u0000|` + (utf8 ? `${high}(?!${low})|(?<!${high})${low}` : beyondAscii);
