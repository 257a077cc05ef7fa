import { escapeIdentifier, escapeLiteral } from "pg";

/** A name as SQL: quoted, so that upper case, spaces and quotes simply work. */
export const quoteIdent = (name: string): string => escapeIdentifier(name);

/** `"schema"."name"`. Every relation in this project's SQL is written this way; the search path is never trusted. */
export const quoteQualified = (schema: string, name: string): string => `${quoteIdent(schema)}.${quoteIdent(name)}`;

/** A value as SQL text, for places that take no parameters (DO blocks, view definitions). Never used for a key. */
export const quoteLiteral = (value: string): string => escapeLiteral(value);

/** `array['a', 'b']::text[]`, for the same places. */
export const quoteTextArray = (values: readonly string[]): string =>
  `array[${values.map((value) => escapeLiteral(value)).join(", ")}]::text[]`;

/** A number, boolean, text or null as an untyped literal, for places that take no parameters. */
export const quoteValue = (value: string | number | boolean | null): string =>
  value === null ? "null" : escapeLiteral(String(value));
