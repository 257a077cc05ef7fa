import type { Table } from "../../postgres/catalog/table";
import type { Client } from "../../postgres/connection";
import { WalletVaultError } from "../../postgres/errors";
import { revocationColumns } from "../schema-facts";
import { vaultValuesOf, type Wallets } from "../wallets";
import { credentialColumns, vaultColumns } from "./columns";

/** @throws WalletVaultError ERR_TABLE_MISSING, ERR_PRIVILEGE */
export async function requireSchemaUsage(client: Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ usage: boolean; role: string }>(
    "select has_schema_privilege(n.oid, 'usage') as usage, current_user::text as role from pg_namespace n where n.nspname = $1",
    [schema],
  );
  if (rows[0] === undefined) {
    throw new WalletVaultError(
      "ERR_TABLE_MISSING",
      `There is no schema ${schema} in this database.`,
      "Check the configuration (schema) and that databaseUrl names the right database.",
    );
  }
  if (!rows[0].usage) throw missingPrivilege(rows[0].role, `USAGE on schema ${schema}`);
}

/** Batches read the ctid of a row, which a role with SELECT on single columns may not read. */
const rowCtid = ["ctid", "SELECT"] as const;

/**
 * Privileges on the columns that the transfer's own statements name.
 *
 * @throws WalletVaultError ERR_PRIVILEGE
 */
export async function requireColumnPrivileges(
  client: Client,
  credentials: Table,
  vault: Table,
  wallets: Wallets,
): Promise<void> {
  await requirePrivileges(client, credentials, [
    ...Object.keys(credentialColumns).map((column) => [column, "SELECT"] as const),
    rowCtid,
    ["vault_stored", "UPDATE"],
    ["vault_backup_date", "UPDATE"],
  ]);
  await requirePrivileges(client, vault, [
    ...Object.keys(vaultColumns).flatMap((column) => [[column, "SELECT"] as const, [column, "INSERT"] as const]),
    rowCtid,
    ["encrypted_private_key", "UPDATE"],
    ...revocationColumns(vault).map((column) => [column, "SELECT"] as const),
    ...vaultValuesOf(wallets)
      .filter(([column]) => vault.columns.has(column))
      .map(([column]) => [column, "INSERT"] as const),
  ]);
}

async function requirePrivileges(
  client: Client,
  table: Table,
  wanted: readonly (readonly [column: string, privilege: string])[],
): Promise<void> {
  const { rows } = await client.query<{ role: string; missing: string[] }>(
    `select current_user::text as role,
            array(select w.privilege || ' (' || w.name || ')'
                    from unnest($2::text[], $3::text[]) w (name, privilege)
                   where not has_column_privilege($1::oid, w.name, w.privilege)) as missing`,
    [table.oid, wanted.map(([column]) => column), wanted.map(([, privilege]) => privilege)],
  );
  const row = rows[0];
  if (row !== undefined && row.missing.length > 0) {
    throw missingPrivilege(row.role, `${row.missing.join(", ")} on table ${table.schema}.${table.name}`);
  }
}

function missingPrivilege(role: string, what: string): WalletVaultError {
  return new WalletVaultError(
    "ERR_PRIVILEGE",
    `Role ${role} lacks ${what}.`,
    "Grant it, or put the owner of the tables into databaseUrl (Supabase: postgres).",
  );
}

/** @throws WalletVaultError ERR_ROWS_HIDDEN */
export function requireAllRows(table: Table): void {
  if (!table.rowsHidden) return;
  throw new WalletVaultError(
    "ERR_ROWS_HIDDEN",
    `Row-level security hides rows of ${table.schema}.${table.name} from this role: it would move some keys and call it all.`,
    "Use the table's owner, a role with BYPASSRLS or a superuser in databaseUrl (Supabase: postgres).",
  );
}
