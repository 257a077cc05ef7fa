import { requireColumn, requireTable, type Table } from "../../postgres/catalog/table";
import type { Client } from "../../postgres/connection";
import { WalletVaultError } from "../../postgres/errors";
import type { UniqueConstraintInputs } from "../args";

/**
 * The table, with all that any step needs of it.
 *
 * @throws WalletVaultError ERR_TABLE_MISSING, ERR_TABLE_UNSUPPORTED, ERR_COLUMN_MISSING, ERR_ROWS_HIDDEN
 */
export async function requireDeclaredTable(client: Client, inputs: UniqueConstraintInputs): Promise<Table> {
  const table = await requireTable(client, inputs.schema, inputs.table);
  const needed = inputs.collapse ? [...inputs.columns, inputs.collapse.valueColumn] : inputs.columns;
  for (const column of needed) requireColumn(table, column);
  if (table.rowsHidden) {
    throw new WalletVaultError(
      "ERR_ROWS_HIDDEN",
      `Row-level security hides rows of ${table.schema}.${table.name} from this role.`,
      `Use the table's owner (${table.owner}) or a role with BYPASSRLS in databaseUrl.`,
    );
  }
  return table;
}
