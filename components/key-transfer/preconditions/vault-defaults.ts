import { WalletVaultError } from "../../postgres/errors";
import { qualified, quoted } from "../../postgres/identifiers";
import type { Table } from "../../postgres/table";
import { vaultColumns } from "./columns";

/**
 * The transfer fills three columns of a new vault row; the others must be able to fill themselves.
 *
 * @throws WalletVaultError ERR_COLUMN_TYPE
 */
export function requireNothingElseToFill(vault: Table): void {
  const column = [...vault.columns.values()].find(
    ({ name, notNull, hasDefault, domain }) =>
      (notNull || domain.notNull) && !hasDefault && !domain.hasDefault && !(name in vaultColumns),
  );
  if (column === undefined) return;
  const why = column.notNull ? "is NOT NULL" : `has type ${column.type}, a domain that is NOT NULL,`;
  throw new WalletVaultError(
    "ERR_COLUMN_TYPE",
    `Column ${column.name} of ${vault.schema}.${vault.name} ${why} and has no default, so that every new vault row would be refused.`,
    "The transfer fills credential_id, vault_id and encrypted_private_key only; give the column a default: " +
      `alter table ${qualified(vault.schema, vault.name)} alter column ${quoted(column.name)} set default ...;`,
  );
}
