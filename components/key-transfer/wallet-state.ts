import { keyOrNull } from "../placeholder";
import { quoteLiteral, quoteQualified, quoteTextArray } from "../postgres/quote";
import { jsonAsJsonb } from "./json-as-jsonb";
import type { SchemaFacts, Wallets } from "./wallets";

/**
 * The state of a wallet as SQL: the one definition that survey, batches, read-back and monitoring views share.
 *
 * `from` is a FROM clause with these aliases, one row per wallet:
 * - `c`: its row of the credentials table; `v`: its vault row, nulls where it has none
 * - `w`: `source` (the first real value at the key paths) and `vault_key` (the vault's real value), both text or null, and the
 *   only columns that are keys; `state`; `finding` (the StateDetail; in the views' SQL, so its name stays); `flag_wrong`
 *   (vault_stored contradicts the facts); `needs_work` (a transfer has something to do); with `seed`, `source_digest` and
 *   `vault_digest`
 */
export interface WalletStateSql {
  readonly from: (options?: FromOptions) => string;
  /** SQL, to use with `from`, of every real value of the wallet: at each key path, and in the vault. Texts or null. */
  readonly keys: readonly string[];
  /** SQL that stands in for the vault table in scans of all wallets: the same rows, but PostgreSQL expects half as many. */
  readonly vaultForScan: string;
  /** Condition on `c`: whether the wallet has one of the configured credential types. */
  readonly inScope: string;
  /** `metadata` of `c` as jsonb; null where it cannot be read. */
  readonly document: string;
  readonly schemaFacts: SchemaFacts;
  /** SQL of a boolean: whether the value of a vault row, named by its alias, is no key. Null is no key. */
  readonly isEmptyRow: (alias: string) => string;
  /** SQL of a boolean: whether a vault row, named by its alias, was revoked. An empty revoked row must never be filled. */
  readonly isRevoked: (alias: string) => string;
  /** SQL of a digest of the real values at the key paths of `c`. `seed` is SQL of a number on which it depends. */
  readonly sourceDigest: (seed: string) => string;
  /** SQL, to use with `from`, of what a proof found for a stored wallet, null for another; only where proofs are looked at. */
  readonly identity?: string;
  /** SQL of the columns that `vault` of FromOptions must have, from a vault row, named by its alias. */
  readonly vaultColumns: (alias: string) => string;
}

interface FromOptions {
  /** SQL that stands in for the credentials table. @default the table */
  readonly credentials?: string;
  /** SQL that stands in for the vault table. @default the table */
  readonly vault?: string;
  /**
   * True: looks up vault rows wallet by wallet, and evaluates every expression once. Right for the few hundred rows of a
   * batch. False: the planner joins the tables, in parallel too. Right for a scan of all wallets.
   */
  readonly perRowLookup?: boolean;
  /** SQL of a number: adds digests that depend on it. Only with `perRowLookup`. */
  readonly seed?: string;
}

export function walletStateSql(wallets: Wallets, schemaFacts: SchemaFacts): WalletStateSql {
  const real = (value: string) => keyOrNull(value, wallets.placeholders, schemaFacts.utf8);
  const document =
    schemaFacts.metadata === "jsonb" ? "c.metadata" : jsonAsJsonb("c.metadata", wallets.keyPaths, schemaFacts);
  const reals = wallets.keyPaths.map((_, n) => `real_${n + 1}`);
  const typeAt = (within: string, path: readonly string[]) => `jsonb_typeof(${jsonAt(within, path)})`;
  const realAt = (within: string, path: readonly string[]) =>
    `case when ${typeAt(within, path)} = 'string' then ${real(textAt(within, path))} end`;
  const unreadable = (within: string): string =>
    [
      ...wallets.keyPaths.map((path) => `${typeAt(within, path)} not in ('string', 'null')`),
      ...stepsOf(wallets.keyPaths).map(
        ({ path, next }) => `${typeAt(within, path)} not in ('object', 'null'${isNumber(next) ? ", 'array'" : ""})`,
      ),
      ...(schemaFacts.metadata === "json" ? [`(c.metadata is not null and ${within} is null)`] : []),
    ].join(" or ");
  // Two different real values: some path holds a value that differs from the first one.
  const ambiguous = reals
    .slice(1)
    .map((one) => `(r.${one} is not null and r.${one} <> s.source)`)
    .join(" or ");

  const isRevoked = (alias: string): string => {
    const signs = schemaFacts.revocation.map((column) =>
      column === "access_level" ? `${alias}.access_level::text = 'revoked'` : `${alias}.${column} is not null`,
    );
    return signs.length === 0 ? "false" : `(${signs.join(" or ")}) is true`;
  };
  const vaultTable = quoteQualified(wallets.schema, wallets.vaultTable);
  const vaultColumns = (alias: string): string =>
    `${alias}.credential_id, ${alias}.encrypted_private_key, ${isRevoked(alias)} as revoked`;

  const from = ({
    credentials = quoteQualified(wallets.schema, wallets.credentialsTable),
    vault = `(select ${vaultColumns("x")} from ${vaultTable} x)`,
    perRowLookup = false,
    seed,
  }: FromOptions = {}): string => {
    const once = perRowLookup ? "offset 0" : "";
    const join = perRowLookup
      ? `lateral (select ${vaultColumns("x")}, x.ctid as row_ctid from ${vaultTable} x
                   where x.credential_id = c.id offset 0) v on true`
      : `${vault} v on v.credential_id = c.id`;
    const digests =
      seed === undefined
        ? ""
        : `, ${digestOf(
            reals.map((one) => `r.${one}`),
            seed,
          )} as source_digest,
             hashtextextended(r.vault_key, ${seed}) as vault_digest`;
    // Converting a large json document to jsonb takes long: once per wallet, not once per path.
    const [parsed, within] =
      schemaFacts.metadata === "json"
        ? [`cross join lateral (select ${document} as document offset 0) j`, "j.document"]
        : ["", document];
    return `${credentials} c
      left join ${join}
      ${parsed}
      cross join lateral (
        select ${wallets.keyPaths.map((path, n) => `${realAt(within, path)} as ${reals[n]}`).join(", ")}, ${unreadable(within)} as unreadable,
               ${real("v.encrypted_private_key::text")} as vault_key ${once}) r
      cross join lateral (select coalesce(${reals.map((one) => `r.${one}`).join(", ")}) as source ${once}) s
      cross join lateral (
        select case
                 when ${ambiguous || "false"} then 'ambiguousSource'
                 when r.vault_key is not null then
                   case s.source = r.vault_key when true then 'verified' when false then 'conflict' else 'stored' end
                 when v.revoked then 'revoked'
                 when s.source is not null then 'pending'
                 when r.unreadable then 'unreadableSource'
                 else 'missingKey'
               end as finding ${once}) t
      cross join lateral (
        select case t.finding when 'verified' then 'stored' when 'revoked' then 'conflict' else t.finding end as state,
               case when c.vault_stored then r.vault_key is null else t.finding in ('stored', 'verified') end as flag_wrong ${once}) u
      cross join lateral (
        select s.source, r.vault_key, t.finding, u.state, u.flag_wrong, t.finding = 'pending' or u.flag_wrong as needs_work${digests}) w`;
  };
  return {
    from,
    keys: ["vault_key", ...reals].map((name) => `r.${name}`),
    // The two tables have equally many rows, so chance would decide which of them PostgreSQL hashes. Hashing the wide table takes
    // three times the memory and half as long again. PostgreSQL estimates that this condition holds for half of the rows.
    vaultForScan: `(select ${vaultColumns("x")} from ${vaultTable} x
                     where coalesce(x.credential_id is not null, false))`,
    inScope:
      wallets.credentialTypes.length > 0
        ? `c.credential_type::text = any (${quoteTextArray(wallets.credentialTypes)})`
        : "true",
    document,
    schemaFacts,
    isEmptyRow: (alias) => `((${real(`${alias}.encrypted_private_key::text`)}) is null)`,
    isRevoked,
    sourceDigest: (seed) =>
      digestOf(
        wallets.keyPaths.map((path) => realAt(document, path)),
        seed,
      ),
    vaultColumns,
  };
}

const digestOf = (reals: readonly string[], seed: string): string =>
  reals.map((real, n) => `coalesce(hashtextextended(${real}, ${seed} + ${n}), 0)`).join(" # ");

/** The document itself and every step on the way to a key: each must be an object, or be absent. */
function stepsOf(paths: Wallets["keyPaths"]): { path: readonly string[]; next: string }[] {
  const steps = paths.flatMap((path) => path.map((next, depth) => ({ path: path.slice(0, depth), next })));
  return [...new Map(steps.map((step) => [JSON.stringify([step.path, isNumber(step.next)]), step])).values()];
}

/** Whether a path has a number, which may index an array. Only `#>` does that; without a number `->` is faster. */
const counts = (path: readonly string[]): boolean => path.some(isNumber);

const isNumber = (name: string): boolean => /^[-+]?\d+$/.test(name.trim());

const jsonAt = (document: string, path: readonly string[]): string =>
  counts(path)
    ? `(${document} #> ${quoteTextArray(path)})`
    : `(${document}${path.map((name) => ` -> ${quoteLiteral(name)}`).join("")})`;

const textAt = (document: string, path: readonly string[]): string =>
  counts(path)
    ? `(${document} #>> ${quoteTextArray(path)})`
    : `(${jsonAt(document, path.slice(0, -1))} ->> ${quoteLiteral(path.at(-1) ?? "")})`;
