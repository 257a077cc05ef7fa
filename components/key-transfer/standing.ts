import { qualified, textArray } from "../postgres/identifiers";
import { isPlaceholder } from "./placeholder";
import { readableJson } from "./readable-json";
import type { Shape, Wallets } from "./wallets";

/**
 * How a wallet stands, as SQL: the one definition that survey, batches, read-back and monitoring views share.
 *
 * `from` is a FROM clause with these aliases, one row per wallet:
 * - `c`: its row of the credentials table; `v`: its vault row, nulls where it has none
 * - `w`: `source` (the first real value at the key paths) and `vault_key` (the vault's real value), both text or null
 *   and the only columns that are keys; `state` (one of the six); `flag_wrong` (vault_stored says what is not so);
 *   `verified` (the vault's value equals its source, byte for byte); `needs_work` (a transfer has something to do)
 */
export interface Standing {
  readonly from: (options?: FromOptions) => string;
  /** The wallets concerned: a condition on `c`. */
  readonly concerned: string;
  /** `metadata` of `c` as jsonb; null where it cannot be read. */
  readonly document: string;
  readonly shape: Shape;
  /** True where the value of a vault row, named by another alias, is no key (null counts as none). */
  readonly isEmptyRow: (alias: string) => string;
}

interface FromOptions {
  /** SQL that stands in for the credentials table. Default: the table. */
  readonly credentials?: string;
  /** SQL that stands in for the vault table. Default: the table. */
  readonly vault?: string;
  /**
   * True: vault rows are looked up wallet by wallet, and every expression is evaluated once. Right for the few hundred
   * rows of a batch; a scan of the whole table is better left to the planner, which joins and works in parallel.
   */
  readonly oneByOne?: boolean;
}

export function standing(wallets: Wallets, shape: Shape): Standing {
  const placeholder = (value: string) => isPlaceholder(value, wallets.placeholders, shape.utf8);
  const document = shape.metadata === "jsonb" ? "c.metadata" : readableJson("c.metadata", wallets.keyPaths, shape);
  const paths = wallets.keyPaths.map(textArray);
  const reals = paths.map((_, n) => `real_${n + 1}`);
  const typeAt = (path: string) => `jsonb_typeof(${document} #> ${path})`;
  const textAt = (path: string) => `(${document} #>> ${path})`;
  const realAt = (path: string) =>
    `case when ${typeAt(path)} = 'string' and not ${placeholder(textAt(path))} then ${textAt(path)} end`;
  const unreadable = [
    ...paths.map((path) => `${typeAt(path)} not in ('string', 'null')`),
    ...(shape.metadata === "json" ? [`(c.metadata is not null and ${document} is null)`] : []),
  ].join(" or ");
  const key = "v.encrypted_private_key::text";
  // Two distinct real values: some path holds one that is not the first.
  const ambiguous = reals
    .slice(1)
    .map((real) => `(r.${real} is not null and r.${real} <> s.source collate "C")`)
    .join(" or ");

  const from = ({
    credentials = qualified(wallets.schema, wallets.credentialsTable),
    vault = qualified(wallets.schema, wallets.vaultTable),
    oneByOne = false,
  }: FromOptions = {}): string => {
    const once = oneByOne ? "offset 0" : "";
    const join = oneByOne
      ? `lateral (select v.credential_id, v.encrypted_private_key from ${vault} v
                   where v.credential_id = c.id offset 0) v on true`
      : `${vault} v on v.credential_id = c.id`;
    return `${credentials} c
      left join ${join}
      cross join lateral (
        select ${paths.map((path, n) => `${realAt(path)} as ${reals[n]}`).join(", ")}, ${unreadable} as unreadable,
               case when not ${placeholder(key)} then ${key} end as vault_key ${once}) r
      cross join lateral (select coalesce(${reals.map((real) => `r.${real}`).join(", ")}) as source ${once}) s
      cross join lateral (
        select case
                 when ${ambiguous || "false"} then 'ambiguousSource'
                 when r.vault_key is not null then
                   case when s.source = r.vault_key collate "C" or s.source is null then 'stored' else 'conflict' end
                 when s.source is not null then 'pending'
                 when r.unreadable then 'unreadableSource'
                 else 'missingKey'
               end as state ${once}) t
      cross join lateral (
        select case when c.vault_stored then r.vault_key is null else t.state = 'stored' end as flag_wrong ${once}) u
      cross join lateral (
        select s.source, r.vault_key, t.state, u.flag_wrong, t.state = 'stored' and s.source is not null as verified,
               t.state = 'pending' or u.flag_wrong as needs_work) w`;
  };
  return {
    from,
    concerned:
      wallets.credentialTypes.length > 0
        ? `c.credential_type::text = any (${textArray(wallets.credentialTypes)})`
        : "true",
    document,
    shape,
    isEmptyRow: (alias) =>
      `(${alias}.encrypted_private_key is null or ${placeholder(`${alias}.encrypted_private_key::text`)})`,
  };
}
