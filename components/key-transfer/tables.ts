import type { Client } from "../postgres/connection";
import { WalletVaultError } from "../postgres/errors";
import { requireKnownServer } from "../postgres/server";
import { type Column, requireColumn, requireTable, type Table } from "../postgres/table";
import type { Shape, Wallets } from "./wallets";

const text = ["text", "character varying"];
const time = ["timestamp with time zone", "timestamp without time zone", "date"];

/** Columns the transfer and the views rely on, and the types they may have; empty means any. */
const credentialColumns: Readonly<Record<string, readonly string[]>> = {
  id: [],
  project_id: [],
  credential_type: [...text, "USER-DEFINED"],
  network: [],
  wallet_address: [],
  key_vault_id: [],
  metadata: ["json", "jsonb"],
  vault_stored: ["boolean"],
  vault_backup_date: time,
};
const vaultColumns: Readonly<Record<string, readonly string[]>> = {
  credential_id: [],
  vault_id: text,
  // character(n) would pad a key with blanks.
  encrypted_private_key: text,
};

/**
 * Reads the catalog and refuses whatever would make a transfer fail half-way or mean something else than it says.
 * Changes nothing, locks nothing.
 *
 * @throws WalletVaultError ERR_SERVER_*, ERR_TABLE_*, ERR_COLUMN_*, ERR_PRIVILEGE, ERR_ROWS_HIDDEN
 */
export async function requireWalletTables(client: Client, wallets: Wallets): Promise<Shape> {
  await requireKnownServer(client);
  await requireSchemaUsage(client, wallets.schema);
  const credentials = await requireTable(client, wallets.schema, wallets.credentialsTable);
  const vault = await requireTable(client, wallets.schema, wallets.vaultTable);
  requireColumns(credentials, credentialColumns);
  requireColumns(vault, vaultColumns);
  requireSameType(credentials, requireColumn(credentials, "id"), vault, requireColumn(vault, "credential_id"));
  requireNothingElseToFill(vault);
  await requireUniqueId(client, credentials);
  await requirePrivileges(client, credentials, [
    ...Object.keys(credentialColumns).map((column) => [column, "SELECT"] as const),
    // Batches go by the place of a row, which a role with SELECT on single columns may not see.
    ["ctid", "SELECT"],
    ["vault_stored", "UPDATE"],
    ["vault_backup_date", "UPDATE"],
  ]);
  await requirePrivileges(client, vault, [
    ...Object.keys(vaultColumns).flatMap((column) => [[column, "SELECT"] as const, [column, "INSERT"] as const]),
    ["encrypted_private_key", "UPDATE"],
  ]);
  requireAllRows(credentials);
  requireAllRows(vault);
  return {
    metadata: requireColumn(credentials, "metadata").type === "json" ? "json" : "jsonb",
    ...(await shapeOf(client, credentials, vault)),
  };
}

async function shapeOf(client: Client, credentials: Table, vault: Table): Promise<Omit<Shape, "metadata">> {
  const { rows } = await client.query<Omit<Shape, "metadata">>(
    `select current_setting('server_encoding') = 'UTF8' as utf8,
            current_setting('server_version_num')::int >= 160000 as "checksJson",
            (select format('%I.%I', n.nspname, l.collname)
               from pg_attribute a join pg_collation l on l.oid = a.attcollation join pg_namespace n on n.oid = l.collnamespace
              where a.attrelid = $2 and a.attname = 'vault_id') as "vaultIdCollation",
            (select nullif(a.atttypmod, -1) - 4 from pg_attribute a
              where a.attrelid = $2 and a.attname = 'vault_id' and a.atttypid = 'varchar'::regtype) as "vaultIdLength",
            (select format_type(a.atttypid, a.atttypmod) from pg_attribute a
              where a.attrelid = $1 and a.attname = 'vault_backup_date') as "backupDateType",
            array(select a.attname::text from pg_attribute a
                   where a.attrelid = $2 and a.attname in ('access_level', 'revoked_at') and not a.attisdropped
                   order by 1) as revocation`,
    [credentials.oid, vault.oid],
  );
  return rows[0]!;
}

async function requireSchemaUsage(client: Client, schema: string): Promise<void> {
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

function requireColumns(table: Table, wanted: Readonly<Record<string, readonly string[]>>): void {
  for (const [name, types] of Object.entries(wanted)) {
    const column = requireColumn(table, name);
    if (types.length === 0 || types.includes(column.type)) continue;
    if (types.includes("USER-DEFINED") && !builtIn.test(column.type)) continue;
    throw new WalletVaultError(
      "ERR_COLUMN_TYPE",
      `Column ${name} of ${table.schema}.${table.name} has type ${column.type}.`,
      `It must be ${types.filter((type) => type !== "USER-DEFINED").join(" or ")}; change it with ALTER TABLE first, or check the configuration.`,
    );
  }
}

/** Types that a credential_type cannot have; an enum or a domain of the users' own may. */
const builtIn = /^(json|jsonb|boolean|bytea|uuid|integer|bigint|smallint|numeric|timestamp.*|date|.*\[\])$/;

function requireSameType(left: Table, id: Column, right: Table, reference: Column): void {
  const comparable = id.type === reference.type || (text.includes(id.type) && text.includes(reference.type));
  if (comparable) return;
  throw new WalletVaultError(
    "ERR_COLUMN_TYPE",
    `${left.name}.${id.name} is ${id.type}, but ${right.name}.${reference.name} is ${reference.type}.`,
    "They must have one type, or a vault row cannot be matched with its wallet.",
  );
}

function requireNothingElseToFill(vault: Table): void {
  const unknown = [...vault.columns.values()].find(
    (column) => column.notNull && !column.hasDefault && !(column.name in vaultColumns),
  );
  if (unknown === undefined) return;
  throw new WalletVaultError(
    "ERR_COLUMN_TYPE",
    `Column ${unknown.name} of ${vault.schema}.${vault.name} is NOT NULL and has no default.`,
    "The transfer fills credential_id, vault_id and encrypted_private_key only; give the column a default.",
  );
}

async function requireUniqueId(client: Client, credentials: Table): Promise<void> {
  const { rows } = await client.query(
    `select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
      where i.indrelid = $1 and i.indisunique and i.indisvalid and i.indnkeyatts = 1 and i.indpred is null and a.attname = 'id'`,
    [credentials.oid],
  );
  if (rows.length > 0) return;
  throw new WalletVaultError(
    "ERR_TABLE_UNSUPPORTED",
    `${credentials.schema}.${credentials.name} has no primary key or unique index on id.`,
    "Without it two wallets could share an id, and a key could reach the wrong one; add PRIMARY KEY (id) first.",
  );
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

function requireAllRows(table: Table): void {
  if (!table.rowsHidden) return;
  throw new WalletVaultError(
    "ERR_ROWS_HIDDEN",
    `Row-level security hides rows of ${table.schema}.${table.name} from this role: it would move some keys and call it all.`,
    "Use the table's owner, a role with BYPASSRLS or a superuser in databaseUrl (Supabase: postgres).",
  );
}
