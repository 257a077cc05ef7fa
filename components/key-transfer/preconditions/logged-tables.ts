import type { Table } from "../../postgres/catalog/table";
import { WalletVaultError } from "../../postgres/errors";
import { quoteQualified } from "../../postgres/quote";

/**
 * A moved key and its flag must survive a crash.
 *
 * @throws WalletVaultError ERR_TABLE_UNSUPPORTED for an UNLOGGED or temporary table
 */
export function requireLoggedTable(table: Table): void {
  if (table.persistence === "permanent") return;
  const name = `${table.schema}.${table.name}`;
  throw table.persistence === "unlogged"
    ? new WalletVaultError(
        "ERR_TABLE_UNSUPPORTED",
        `${name} is UNLOGGED: PostgreSQL empties it after a crash, keys and all, and no standby has it.`,
        `Make it durable first: alter table ${quoteQualified(table.schema, table.name)} set logged;`,
      )
    : new WalletVaultError(
        "ERR_TABLE_UNSUPPORTED",
        `${name} is a temporary table: it is gone with the session that made it.`,
        "Check the configuration (schema): keys belong into a permanent table.",
      );
}
