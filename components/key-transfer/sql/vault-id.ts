import type { WalletStateSql } from "../wallet-state";

/** Bytes that a B-tree index can always hold, with room for what an index on an expression may add. */
const indexableBytes = 2_000;

/**
 * The wanted vault_id of a new row: `private_key_vault_id` of metadata, or `vault-` and the wallet's key_vault_id, or `vault-` and
 * its id. In the collation of the vault's column: an index on that column serves no other collation.
 */
export const wantedVaultId = (stateSql: WalletStateSql): string => `(coalesce(
  case when jsonb_typeof(${stateSql.document} -> 'private_key_vault_id') = 'string'
       then nullif(${stateSql.document} ->> 'private_key_vault_id', '') end,
  'vault-' || nullif(c.key_vault_id::text, ''),
  'vault-' || c.id::text) collate ${stateSql.schemaFacts.vaultIdCollation})`;

/** SQL of a boolean: whether the column, and an index on it, can hold this id. */
export const vaultIdFits = (id: string, { schemaFacts }: WalletStateSql): string =>
  `(octet_length(${id}) <= ${indexableBytes}${schemaFacts.vaultIdLength === null ? "" : ` and char_length(${id}) <= ${schemaFacts.vaultIdLength}`})`;

/**
 * The vault_id of last resort, where another credential has the wanted one or it does not fit. The server draws it at this
 * moment, so that no metadata can have named it before. Where the column has no room for a prefix, it is a bare uuid.
 */
export function lastResortVaultId({ schemaFacts }: WalletStateSql): string {
  const drawn = "gen_random_uuid()::text";
  const roomy = schemaFacts.vaultIdLength === null || schemaFacts.vaultIdLength >= "vault-".length + 36;
  return `((${roomy ? `'vault-' || ${drawn}` : drawn}) collate ${schemaFacts.vaultIdCollation})`;
}
