import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonAsJsonb } from "../../components/key-transfer/json-as-jsonb";
import { withDatabase } from "../support/database";
import { schemaFacts } from "../../fixtures/wallets";

const paths = [["key"], ["vault", "key"]];

/** What strings are made of: escapes that stand alone, follow one another, or are escaped themselves. */
const inStrings = [
  "a",
  "e1234567",
  "1e99999,",
  "9".repeat(260),
  String.raw`\\`,
  String.raw`\"`,
  String.raw`\n`,
  String.raw`\u0000`,
  String.raw`\u0041`,
  String.raw`\u00e9`,
  String.raw`\ud83d`,
  String.raw`\ud83d\\`,
  String.raw`\uDD11`,
  String.raw`\ud83d\udd11`,
  String.raw`\uD55C`,
  "u0000",
  "ud83d",
];

const numbers = [
  "0",
  "-1.5",
  "1e5",
  "1e4000",
  "1.25e-4000",
  "1E+131071",
  "1e131072",
  "1e-16383",
  "1e-16384",
  "1e99999",
  "1e-99999",
  "1e999999999999",
  "-1e131000",
  `${"9".repeat(300)}`,
  `1${"0".repeat(131071)}`,
  `1${"0".repeat(131072)}`,
  `0.${"1".repeat(16383)}`,
  `0.${"1".repeat(16384)}`,
  `${"1".repeat(200)}e131000`,
  `0.${"1".repeat(9000)}e-8000`,
  `0.${"1".repeat(16390)}e10`,
];

/** PostgreSQL decides: it casts each document where an error harms nothing. */
const oracle = `
  create function castable(document json) returns boolean language plpgsql as $$
  begin
    perform document::jsonb;
    return true;
  exception when others then
    return false;
  end $$;`;

/** A repeatable choice of documents: each piece with each that follows it, at every place a string may be. */
function documents(): string[] {
  const strings = inStrings.flatMap((one) => inStrings.flatMap((two) => [one + two, one + two + one, `${two}a${one}`]));
  return [
    ...strings.map((text) => `{"key": "${text}"}`),
    ...strings.filter((_, n) => n % 3 === 0).map((text) => `{"${text}": 1, "key": [ "${text}" , 2 ]}`),
    ...numbers.flatMap((number) => [
      `{"key": ${number}}`,
      `{"key": "x", "list": [1, ${number} ]}`,
      number,
      `[ "e" , ${number}\n]`,
      `{"text": "\\"${number},", "key": ${number}}`,
    ]),
  ];
}

for (const major of [14, 15, 18] as const) {
  test(`a json document is read exactly where jsonb takes it, whatever is in it (PostgreSQL ${major})`, async () => {
    await withDatabase({ major, load: [], sql: oracle }, async ({ query }) => {
      const readable = jsonAsJsonb("d.document", paths, { ...schemaFacts, metadata: "json", checksJson: major >= 16 });
      const wrong = await query<{ document: string; taken: boolean }>(
        `select left(d.document::text, 200) as document, castable(d.document) as taken
           from (select unnest($1::text[])::json as document) d
          where castable(d.document) is distinct from (${readable} is not null)`,
        [documents()],
      );
      assert.deepEqual(wrong, []);
    });
  });

  test(`a field that is there twice is a guess, however it is written (PostgreSQL ${major})`, async () => {
    const read = [
      String.raw`{"key": "a"}`,
      String.raw`{"key": "\"key\"", "other": {"key": 1, "x": "key"}}`,
      String.raw`{"other": {"key": 1, "key": 2}, "vault": {"key": "b"}}`,
      String.raw`{"note": 1, "note": 2, "key": "c"}`,
    ];
    const notRead = [
      String.raw`{"key": "a", "key": "a"}`,
      String.raw`{"key": "a", "k\u0065y": "b"}`,
      String.raw`{"\u006bey": "a", "\u006bey": "b"}`,
      String.raw`{"vault": {"key": 1, "key": 2}}`,
      String.raw`{"vault": {}, "vault": {"key": 1}}`,
    ];
    await withDatabase({ major, load: [] }, async ({ query }) => {
      const readable = jsonAsJsonb("d.document", paths, { ...schemaFacts, metadata: "json", checksJson: major >= 16 });
      const taken = await query<{ taken: boolean }>(
        `select ${readable} is not null as taken from (select n, x::json as document from unnest($1::text[]) with ordinality t (x, n)) d order by d.n`,
        [[...read, ...notRead]],
      );
      assert.deepEqual(
        taken.map((row) => row.taken),
        [...read.map(() => true), ...notRead.map(() => false)],
      );
    });
  });
}
