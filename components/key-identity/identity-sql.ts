import { quoteQualified } from "../postgres/quote";
import type { WalletStateSql } from "../key-transfer/wallet-state";
import type { Wallets } from "../key-transfer/wallets";
import { derivationVersion } from "./derive";
import { identityTableName } from "./identity-table";

/** `WalletStateSql` whose `from` has one more alias, `i`: the recorded proof of the wallet, nulls where it has none. */
export interface IdentitySql extends WalletStateSql {
  readonly identity: string;
  readonly proof: string;
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
  const digest = digestSql(stateSql.schemaFacts.utf8);
  const proof =
    table === undefined
      ? "'unproven'::text"
      : `case when i.digest = ${digest} then i.finding else 'unproven'::text end`;
  return {
    ...stateSql,
    ...(table === undefined
      ? {}
      : { from: (options) => `${stateSql.from(options)}\n      left join ${table} i on i.credential_id = c.id` }),
    identity: `case when w.state = 'stored' then ${proof} end`,
    proof,
    digest,
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
 * The lengths go before the texts, so that no two rows give the same bytes; those of the address and the network as one number, since
 * this takes much of the time of a scan of all wallets. In the encoding of the database: another one could be refused, and
 * PostgreSQL would write the bytes to its log. The vault's value is written as it is: it is the key of a wallet that is stored.
 */
function digestSql(utf8: boolean): string {
  const [address, network, type] = Object.values(identityTexts).map((text) => `coalesce(${text}, '')`);
  const lengths = `(octet_length(${address})::int8 * ${2 ** 30} + octet_length(${network}))::text || ' ' || octet_length(${type})::text`;
  const texts = `'${derivationVersion} ' || ${lengths} || ' ' || c.id::text || ${address} || ${network} || ${type} || v.encrypted_private_key::text`;
  return `sha256(convert_to(${texts}, ${utf8 ? "'UTF8'" : "getdatabaseencoding()"}))`;
}
