import type { Wallets } from "../../key-transfer/wallets";
import { quoteLiteral, quoteTextArray } from "../../postgres/quote";
import { occursMoreOften } from "./occurrences";

/**
 * Words in names of fields that speak of keys. A name comes from a document and may be anything, even a secret: only the word is
 * ever told.
 */
interface Word {
  /** As it is told. */
  readonly word: string;
  /** Pattern of a part of a name, in small letters. */
  readonly pattern: string;
}

export const words: readonly Word[] = [
  { word: "mnemonic", pattern: "mnemonic|(?:seed|recovery|backup|secret)[_ -]?phrase" },
  { word: "seed", pattern: "seed(?![_ -]?phrase)" },
  { word: "private key", pattern: "priv(?:ate)?[_ -]?key|secret[_ -]?key|[xyzt]prv|(?<![a-z])wif(?![a-z])" },
  { word: "keystore", pattern: "key[_ -]?store" },
  { word: "password", pattern: "passw|passphrase" },
];

/** Of these texts one is in each name that matches: to look for them is faster. The one is in the names of key paths, often. */
const common = "priv";
const rare = "mnemonic|phrase|seed|secret|prv|wif|store|passw";

/** Ends of names of what is no key. */
const harmlessEnds =
  "id|at|date|type|format|version|status|method|hash|path|stored|location|exists|backed[_ -]?up|hint";

/** A field of that name whose value is a text, an array or an object, and not empty; also in a document inside of a text. */
const field = (pattern: string): string =>
  `"(?![^"]*(?:[_ -](?:${harmlessEnds})|vaultid)\\\\?")[^"]*(?:${pattern})[^"]*"\\s*:\\s*\\\\?(?:"[^"\\\\]|\\[\\s*[^\\s\\]]|\\{\\s*[^\\s}])`;

/**
 * SQL of a boolean: whether it is worth while to look for fields whose names speak of keys, which takes long.
 *
 * @param text SQL of the document as text, in small letters
 * @param document SQL of the document as jsonb
 */
export function mayNameKeys(text: string, document: string, keyPaths: Wallets["keyPaths"]): string {
  const expected = stepsOf(keyPaths)
    .map((path) => [path, nameOf(path).split(common).length - 1] as const)
    .filter(([, times]) => times > 0)
    .map(([path, times]) => `case when ${document} #> ${quoteTextArray(path)} is not null then ${times} else 0 end`);
  return `(${text} ~ ${quoteLiteral(rare)} or ${occursMoreOften(text, quoteLiteral(common), expected)})`;
}

/**
 * SQL of a boolean: whether a document has a field whose name speaks of keys, besides those of the key paths.
 *
 * @param text SQL of the document as text, in small letters
 * @param document SQL of the document as jsonb
 */
export function namesKeys({ pattern }: Word, text: string, document: string, keyPaths: Wallets["keyPaths"]): string {
  const known = stepsOf(keyPaths).filter((path) => new RegExp(field(pattern)).test(`"${nameOf(path)}": "x`));
  const found = `(select count(*) from regexp_matches(${text}, ${quoteLiteral(field(pattern))}, 'g'))`;
  const expected = known.map((path) => `(${hasValue(document, path)})::int4`).join(" + ") || "0";
  return `${found} > ${expected}`;
}

const nameOf = (path: readonly string[]): string => (path.at(-1) ?? "").toLowerCase();

/** Every step on the way to a key, once. */
function stepsOf(keyPaths: Wallets["keyPaths"]): string[][] {
  const steps = keyPaths.flatMap((path) => path.map((_, depth) => path.slice(0, depth + 1)));
  return [...new Map(steps.map((path) => [JSON.stringify(path), path])).values()];
}

const hasValue = (document: string, path: readonly string[]): string =>
  `coalesce(${document} #> ${quoteTextArray(path)} not in ('""', '[]', '{}', 'null', 'true', 'false')
            and jsonb_typeof(${document} #> ${quoteTextArray(path)}) <> 'number', false)`;
