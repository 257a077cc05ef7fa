import type { Table } from "../../postgres/catalog/table";
import type { Client } from "../../postgres/connection";
import { WalletVaultError } from "../../postgres/errors";
import { quoteIdent, quoteQualified } from "../../postgres/quote";
import type { Wallets } from "../wallets";
import { vaultColumns } from "./columns";

/**
 * The transfer fills three columns of a new vault row, and those of `vaultValues`. Every other column must accept null, or have a
 * default or a trigger.
 *
 * @throws WalletVaultError ERR_COLUMN_TYPE
 */
export async function requireNothingElseToFill(client: Client, vault: Table, wallets: Wallets): Promise<void> {
  const filled = { ...vaultColumns, ...wallets.vaultValues };
  const unfilled = [...vault.columns.values()].filter(
    ({ name, notNull, hasDefault, domain }) =>
      (notNull || domain.notNull) && !hasDefault && !domain.hasDefault && !Object.hasOwn(filled, name),
  );
  if (unfilled.length === 0) return;
  // A trigger may fill a column that is NOT NULL, but runs too late for a domain that refuses null.
  const filledByTrigger = await mayBeFilledByTrigger(client, vault);
  const column = unfilled.find(({ domain }) => domain.notNull || !filledByTrigger);
  if (column === undefined) return;
  const why = column.domain.notNull ? `has type ${column.type}, a domain that is NOT NULL,` : "is NOT NULL";
  throw new WalletVaultError(
    "ERR_COLUMN_TYPE",
    `Column ${column.name} of ${vault.schema}.${vault.name} ${why} and has no default, so that every new vault row would be refused.`,
    "Give it a value in vaultValues, or the column a default: " +
      `alter table ${quoteQualified(vault.schema, vault.name)} alter column ${quoteIdent(column.name)} set default ...;`,
  );
}

async function mayBeFilledByTrigger(client: Client, vault: Table): Promise<boolean> {
  const { rows } = await client.query(
    // tgtype: 1 is FOR EACH ROW, 2 BEFORE, 4 INSERT (pg_trigger.h). tgenabled: O and A fire in our sessions.
    `select from pg_trigger t
      where t.tgrelid = $1 and not t.tgisinternal and t.tgenabled in ('O', 'A') and t.tgtype & 7 = 7 limit 1`,
    [vault.oid],
  );
  return rows.length > 0;
}
