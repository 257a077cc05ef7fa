import { requireColumn, type Table } from "../../postgres/catalog/table";
import type { Client } from "../../postgres/connection";
import { WalletVaultError } from "../../postgres/errors";
import { quoteIdent, quoteQualified } from "../../postgres/quote";

/** Characters of a uuid, which a wallet gets whose wanted vault_id is taken or does not fit. */
const leastLength = 36;

/**
 * Applications find a key by the vault_id of its row. No two rows may share one, and the column must have room for a uuid.
 *
 * @throws WalletVaultError ERR_VAULT_ID
 */
export async function requireVaultId(client: Client, vault: Table): Promise<void> {
  const where = `${vault.schema}.${vault.name}`;
  const table = quoteQualified(vault.schema, vault.name);
  if (!(await isUnique(client, vault))) {
    throw new WalletVaultError(
      "ERR_VAULT_ID",
      `${where} has no unique index on (vault_id): two wallets could end with one vault_id, and whoever looks a key up by it would get the wrong one.`,
      `Give rows that share a vault_id one of their own, then: create unique index concurrently on ${table} (${quoteIdent("vault_id")});`,
    );
  }
  const { limit, type } = requireColumn(vault, "vault_id");
  if (limit === null || limit >= leastLength) return;
  throw new WalletVaultError(
    "ERR_VAULT_ID",
    `${where}.vault_id is ${type}(${limit}), and a vault_id that is surely free needs ${leastLength} characters.`,
    `Widen it, which rewrites no row: alter table ${table} alter column ${quoteIdent("vault_id")} type varchar(64);`,
  );
}

/** A deferrable index counts: the transfer checks deferred constraints before it commits. */
async function isUnique(client: Client, vault: Table): Promise<boolean> {
  const { rows } = await client.query(
    `select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
      where i.indrelid = $1 and a.attname = 'vault_id' and i.indisunique and i.indnkeyatts = 1
        and i.indisvalid and i.indisready and i.indislive and i.indpred is null`,
    [vault.oid],
  );
  return rows.length > 0;
}
