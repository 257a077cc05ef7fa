import { quoteQualified } from "../postgres/quote";
import type { WalletStateSql } from "../key-transfer/wallet-state";
import type { Wallets } from "../key-transfer/wallets";
import { derivationVersion } from "./derive";
import { identityTableName } from "./identity-table";

/** `WalletStateSql` whose `from` has one more alias, `i`: the recorded proof of the wallet, nulls where it has none. */
export interface IdentitySql extends WalletStateSql {
  /** SQL of the finding of a stored wallet: the recorded one while its digest is valid, else `unproven`. Null for other wallets. */
  readonly identity: string;
  /** SQL of the digest of what a proof of the wallet is about. */
  readonly digest: string;
}

/**
 * A proof is of the bytes that it read: the digest covers id, address, key, network, type, and the version of the derivation. So
 * a proof ends by itself as soon as one of them changes, and one that was recorded too late is never valid.
 *
 * The digest is no key and no way to one, unless the key can be guessed: only the owner may read it.
 *
 * @param table SQL that stands in for the table of proofs; none: nothing was proven yet
 */
export function identitySql(stateSql: WalletStateSql, table: string | undefined): IdentitySql {
  const digest = digestSql();
  if (table === undefined)
    return { ...stateSql, digest, identity: "case when w.state = 'stored' then 'unproven'::text end" };
  return {
    ...stateSql,
    from: (options) => `${stateSql.from(options)}
      left join ${table} i on i.credential_id = c.id`,
    digest,
    identity: `case when w.state = 'stored' then case when i.digest = ${digest} then i.finding else 'unproven'::text end end`,
  };
}

export const identityTable = (wallets: Wallets): string => quoteQualified(wallets.schema, identityTableName);

/** Texts of a row, in the order of the digest. */
export const identityTexts = {
  address: "c.wallet_address::text",
  network: "c.network::text",
  type: "c.credential_type::text",
} as const;

/**
 * The lengths go before the texts, so that no two rows give the same bytes. In the encoding of the database: another one could be
 * refused, and PostgreSQL would write the bytes to its log.
 */
function digestSql(): string {
  const texts = ["c.id::text", ...Object.values(identityTexts)].map((text) => `coalesce(${text}, '')`);
  const lengths = texts.map((text) => `octet_length(${text})::text`).join(" || ' ' || ");
  return `sha256(convert_to('${derivationVersion} ' || ${lengths} || ' ' || ${texts.join(" || ")} || w.vault_key, getdatabaseencoding()))`;
}
