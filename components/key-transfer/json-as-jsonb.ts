import { quoteLiteral, quoteTextArray } from "../postgres/quote";
import type { SchemaFacts, Wallets } from "./wallets";

/**
 * SQL of a `json` document as jsonb, or null where it must not be read. That is the case where
 * - jsonb would refuse it: `json` allows escapes that no text can hold and numbers that are too large. One such document would
 *   end every statement that reads it, and PostgreSQL would write it to its log.
 * - a field on the way to a key is there twice: `json` keeps both, and jsonb takes the last one, which would be a guess.
 *
 * It reads the document's text a few times. Each time takes at most a tenth of a second for five megabytes.
 */
export function jsonAsJsonb(column: string, paths: Wallets["keyPaths"], schemaFacts: SchemaFacts): string {
  const twice = new Set(
    paths.flatMap((path) => path.map((name, depth) => repeated(column, path.slice(0, depth), name))),
  );
  return `(case when ${isValid(column, schemaFacts)} then case when not (${[...twice].join(" or ")}) then ${column}::jsonb end end)`;
}

/** True where the object at `path` has a field of that name more than once. */
function repeated(column: string, path: readonly string[], name: string): string {
  const object = path.length > 0 ? `${column} #> ${quoteTextArray(path)}` : column;
  const counted = `(select count(*) > 1 from json_each(case when json_typeof(${object}) = 'object' then ${object} end) e where e.key = ${quoteLiteral(name)})`;
  // A name that is not in the text twice is no field twice. Searching the text is ten times as fast as reading all fields.
  if (!/^\w+$/.test(name)) return counted;
  const text = `${column}::text`;
  return `case when cardinality(string_to_array(${text}, '"${name}"')) < 3 and strpos(${text}, ${quoteLiteral("\\u")}) = 0 then false else ${counted} end`;
}

function isValid(column: string, { checksJson, utf8 }: SchemaFacts): string {
  const text = `${column}::text`;
  if (checksJson) return `pg_input_is_valid(${text}, 'jsonb')`;
  // Nearly every document has no such escape or number. Most of what looks like one is inside a string, or is allowed.
  const suspicious = `${suspiciousEscape(utf8)}|${suspiciousNumber}`;
  return `case when ${text} !~ ${quoteLiteral(suspicious)} then true else
            (select not (${badEscape("j.escapes", utf8)} or ${badNumber("j.escapes")})
               from (select replace(${text}, ${quoteLiteral("\\\\")}, '  ') as escapes offset 0) j) end`;
}

const suspiciousEscape = (utf8: boolean): string => String.raw`\\u` + (utf8 ? "(0000|[dD][89a-fA-F])" : "");

/** More digits than a regular expression counts, or an exponent of four and more, where a number may end. */
const suspiciousNumber = String.raw`\d{255}|\d[eE][-+]?\d{4,}\s*([,\]}]|$)`;

const high = String.raw`\\u[dD][89abAB][0-9a-fA-F]{2}`;
const low = String.raw`\\u[dD][c-fC-F][0-9a-fA-F]{2}`;
const beyondAscii = String.raw`\\u(00[89a-fA-F]|0[1-9a-fA-F]|[1-9a-fA-F])`;

/**
 * No text can hold \u0000 or half a surrogate pair; another encoding may not hold what is beyond ASCII.
 *
 * @param text SQL of the document with blanks for every escaped backslash, which escapes nothing itself
 */
function badEscape(text: string, utf8: boolean): string {
  const bad = String.raw`\\u0000|` + (utf8 ? `${high}(?!${low})|(?<!${high})${low}` : beyondAscii);
  return `${text} ~ ${quoteLiteral(bad)}`;
}

/**
 * jsonb keeps numbers as numeric: 131072 digits before the point and 16383 behind it. What stands between quotation marks is
 * no number: of the text cut at each, every other piece.
 */
function badNumber(text: string): string {
  return `${text} ~ ${quoteLiteral(suspiciousNumber)} and exists (
    select from unnest(string_to_array(replace(${text}, ${quoteLiteral('\\"')}, '  '), '"')) with ordinality piece (text, place)
     cross join lateral regexp_matches(piece.text, ${quoteLiteral(String.raw`(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?`)}, 'g') number
     where piece.place % 2 = 1 and length(piece.text) > 5 and piece.text ~ ${quoteLiteral(suspiciousNumber)}
       and case when length(number[3]) > 8 then true
                else length(number[1]) + coalesce(number[3], '0')::int4 > 131072
                     or coalesce(length(number[2]), 0) - coalesce(number[3], '0')::int4 > 16383 end)`;
}
