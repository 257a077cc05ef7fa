import { keyOrNull } from "../placeholder";
import { quoteLiteral, quoteQualified, quoteTextArray } from "../postgres/quote";
import { jsonAsJsonb } from "./json-as-jsonb";
import type { SchemaFacts, Wallets } from "./wallets";

/**
 * How a wallet stands, as SQL: the one definition that survey, batches, read-back and monitoring views share.
 *
 * `from` is a FROM clause with these aliases, one row per wallet:
 * - `c`: its row of the credentials table; `v`: its vault row, nulls where it has none
 * - `w`: `source` (the first real value at the key paths) and `vault_key` (the vault's real value), both text or null
 *   and the only columns that are keys; `state` (one of the six); `finding` (a Finding: more exact than the state);
 *   `flag_wrong` (vault_stored says what is not so); `needs_work` (a transfer has something to do); with `seed`, their
 *   digests `source_digest` and `vault_digest`
 */
export interface WalletStateSql {
  readonly from: (options?: FromOptions) => string;
  /** SQL, beside `from`, of every real value that the wallet has: at each key path, and in the vault. Texts or null. */
  readonly keys: readonly string[];
  /** Stands in for the vault table where all wallets are looked at: the same rows, but expected to be half as many. */
  readonly vaultForScan: string;
  /** The wallets concerned: a condition on `c`. */
  readonly inScope: string;
  /** `metadata` of `c` as jsonb; null where it cannot be read. */
  readonly document: string;
  readonly schemaFacts: SchemaFacts;
  /** True where the value of a vault row, named by another alias, is no key (null counts as none). */
  readonly isEmptyRow: (alias: string) => string;
  /** True where a vault row, named by another alias, was revoked. Empty and revoked, it must never be filled. */
  readonly isRevoked: (alias: string) => string;
  /** SQL of a digest of the real values at the key paths of `c`, which depends on `seed`, SQL of a number. */
  readonly sourceDigest: (seed: string) => string;
  /** SQL of the columns that stand for a vault row, named by another alias, in `vault` of FromOptions. */
  readonly vaultColumns: (alias: string) => string;
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
  // Two distinct real values: some path holds one that is not the first.
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
      ? `lateral (select ${vaultColumns("x")}, x.ctid as place from ${vaultTable} x
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
    // Making jsonb of a json document takes long where it is large: once a wallet, not once a path.
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
    // The two tables have as many rows each, and which of them goes into the hash table would be left to chance: the wide
    // one takes three times the memory and half as long again. What PostgreSQL cannot estimate it takes for a half.
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

/** What must be an object, or be absent, for the key paths to be walked: the document itself and every step on the way. */
function stepsOf(paths: Wallets["keyPaths"]): { path: readonly string[]; next: string }[] {
  const steps = paths.flatMap((path) => path.map((next, depth) => ({ path: path.slice(0, depth), next })));
  return [...new Map(steps.map((step) => [JSON.stringify([step.path, isNumber(step.next)]), step])).values()];
}

/** A number in a path counts into an array, and only this operator does that; for names alone the other is faster. */
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
