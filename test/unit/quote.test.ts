import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { quoteIdent, quoteLiteral, quoteQualified, quoteTextArray } from "../../components/postgres/quote";

/** What PostgreSQL reads: the content of a quoted thing, or undefined where the text goes on after its end. */
function unquoted(sql: string, quote: string): string | undefined {
  const body = sql.slice(1, -1);
  if (!sql.startsWith(quote) || !sql.endsWith(quote)) return undefined;
  return body.replaceAll(quote + quote, "").includes(quote) ? undefined : body.replaceAll(quote + quote, quote);
}

const text = fc.string({ unit: fc.constantFrom(..."ab '\"\\$;-\n{}é🔑"), maxLength: 12 });

test("a name of any characters is one quoted name", () => {
  fc.assert(fc.property(text, (name) => assert.equal(unquoted(quoteIdent(name), '"'), name)));
  assert.equal(quoteQualified('a"b', "c.d"), '"a""b"."c.d"');
});

test("a text of any characters is one literal", () => {
  const readLiteral = (sql: string): string | undefined => {
    const escaped = /^ ?E'/.test(sql);
    const inner = unquoted(sql.replace(/^ ?E/, ""), "'");
    return escaped ? inner?.replaceAll("\\\\", "\\") : inner;
  };
  fc.assert(fc.property(text, (value) => assert.equal(readLiteral(quoteLiteral(value)), value)));
});

test("a list of texts is one array, also an empty one", () => {
  assert.equal(quoteTextArray([]), "array[]::text[]");
  assert.equal(quoteTextArray(["it's", "b"]), "array['it''s', 'b']::text[]");
});
