import { literal, qualified, textArray } from "../postgres/identifiers";
import { isPlaceholder } from "./placeholder";
import type { Shape, Wallets } from "./wallets";

/**
 * How a wallet stands, as SQL: the one definition that survey, batches, read-back and monitoring views share.
 * Every part is an expression over `c`, a row of the credentials table, and `v`, its vault row (nulls where it has none).
 */
export interface Standing {
  /** `"schema"."credentials" c` */
  readonly credentials: string;
  readonly vault: string;
  /** The wallets concerned: a condition on `c`. */
  readonly concerned: string;
  /** `metadata` as jsonb; null where it cannot be read. */
  readonly document: string;
  /** The first real value at the key paths, or null. Text; the only expression besides `vaultKey` that is a key. */
  readonly source: string;
  /** The real value of the vault row, or null. Text. */
  readonly vaultKey: string;
  /** One of the six states, text. */
  readonly state: string;
  /** True where vault_stored says what is not so. Never null. */
  readonly flagWrong: string;
  /** True where the vault's value equals its source, byte for byte. */
  readonly verified: string;
  /** True where a transfer has something to do. */
  readonly needsWork: string;
  /** True where the value of a vault row, named by another alias, is no key (null counts as none). */
  readonly isEmptyRow: (alias: string) => string;
}

export function standing(wallets: Wallets, shape: Shape): Standing {
  const placeholder = (value: string) => isPlaceholder(value, wallets.placeholders, shape.utf8);
  const document = shape.metadata === "jsonb" ? "c.metadata" : readableJson("c.metadata");
  const paths = wallets.keyPaths.map(textArray);
  const typeAt = (path: string) => `jsonb_typeof(${document} #> ${path})`;
  const textAt = (path: string) => `(${document} #>> ${path})`;
  const isReal = (path: string) => `${typeAt(path)} = 'string' and not ${placeholder(textAt(path))}`;

  const source = `case ${paths.map((path) => `when ${isReal(path)} then ${textAt(path)}`).join(" ")} end`;
  // Two distinct real values: some path is real and differs from the first real one.
  const ambiguous = paths
    .slice(1)
    .map((path) => `(${isReal(path)} and ${textAt(path)} <> ${source} collate "C")`)
    .join(" or ");
  const unreadable = [
    ...paths.map((path) => `${typeAt(path)} not in ('string', 'null')`),
    ...(shape.metadata === "json" ? [`(c.metadata is not null and ${document} is null)`] : []),
  ].join(" or ");

  const key = "v.encrypted_private_key::text";
  const hasVaultKey = `(${key} is not null and not ${placeholder(key)})`;
  const equal = `${source} = ${key} collate "C"`;
  const state = `case
    when ${ambiguous || "false"} then 'ambiguousSource'
    when ${hasVaultKey} then case when ${equal} or ${source} is null then 'stored' else 'conflict' end
    when ${source} is not null then 'pending'
    when ${unreadable} then 'unreadableSource'
    else 'missingKey'
  end`;
  const flagWrong = `case
    when c.vault_stored is true then not ${hasVaultKey}
    else (${state}) = 'stored'
  end`;
  return {
    credentials: `${qualified(wallets.schema, wallets.credentialsTable)} c`,
    vault: `${qualified(wallets.schema, wallets.vaultTable)} v`,
    concerned:
      wallets.credentialTypes.length > 0
        ? `c.credential_type::text = any (${textArray(wallets.credentialTypes)})`
        : "true",
    document,
    source,
    vaultKey: `case when ${hasVaultKey} then ${key} end`,
    state,
    flagWrong,
    verified: `(${state}) = 'stored' and ${source} is not null`,
    needsWork: `((${state}) = 'pending' or ${flagWrong})`,
    isEmptyRow: (alias) =>
      `(${alias}.encrypted_private_key is null or ${placeholder(`${alias}.encrypted_private_key::text`)})`,
  };
}

/**
 * A `json` document as jsonb, or null where PostgreSQL could not read it: the type accepts escapes that no text can
 * hold (\u0000, half a surrogate pair), and one such document would end every statement that reads it.
 */
function readableJson(column: string): string {
  const backslashes = String.raw`(^|[^\\])(\\\\)*`;
  const high = String.raw`\\u[dD][89abAB][0-9a-fA-F]{2}`;
  const low = String.raw`\\u[dD][c-fC-F][0-9a-fA-F]{2}`;
  const nul = String.raw`\\u0000`;
  const unreadable = `${backslashes}(${nul}|${high}(?!${low})|(?<!${high})${low})`;
  return `(case when ${column}::text !~ ${literal(unreadable)} then ${column}::jsonb end)`;
}
