import type { WalletStateSql } from "../wallet-state";

/** Bytes that a B-tree index can hold for certain, with room for what an index on an expression may add. */
const indexableBytes = 2_000;

/**
 * The id of a new vault row, as the wallet wants it: its own, or made of key_vault_id, or of its id. In the collation of
 * the vault's own ids: an index on them is of use for no other.
 */
export const wantedVaultId = (stateSql: WalletStateSql): string => `(coalesce(
  case when jsonb_typeof(${stateSql.document} -> 'private_key_vault_id') = 'string'
       then nullif(${stateSql.document} ->> 'private_key_vault_id', '') end,
  'vault-' || nullif(c.key_vault_id::text, ''),
  'vault-' || c.id::text) collate ${stateSql.schemaFacts.vaultIdCollation})`;

/** True where the column, and an index on it, can hold this id. */
export const vaultIdFits = (id: string, { schemaFacts }: WalletStateSql): string =>
  `(octet_length(${id}) <= ${indexableBytes}${schemaFacts.vaultIdLength === null ? "" : ` and char_length(${id}) <= ${schemaFacts.vaultIdLength}`})`;

/**
 * The last resort, where another credential has that id or it does not fit: drawn by the server at this moment, so that
 * no metadata can have named it before. As long as a uuid where there is no room for more.
 */
export function lastResortVaultId({ schemaFacts }: WalletStateSql): string {
  const drawn = "gen_random_uuid()::text";
  const roomy = schemaFacts.vaultIdLength === null || schemaFacts.vaultIdLength >= "vault-".length + 36;
  return `((${roomy ? `'vault-' || ${drawn}` : drawn}) collate ${schemaFacts.vaultIdCollation})`;
}
