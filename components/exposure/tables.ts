import type { Wallets } from "../key-transfer/wallets";
import type { Client } from "../postgres/connection";
import { identityTableName } from "../key-identity/identity-table";
import { quoteIdent, quoteQualified } from "../postgres/quote";
import type { Found } from "./finding";

/** A column that holds keys: `metadata` of the wallets, `encrypted_private_key` of the vault. */
export interface KeyColumn {
  readonly oid: number;
  readonly attnum: number;
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly type: string;
  /** `public.project_credentials.metadata`, for people. */
  readonly name: string;
  /** The table, quoted for SQL. */
  readonly tableSql: string;
  readonly columnSql: string;
}

/** What a look at the catalog is about. */
export interface Tables {
  readonly credentials: KeyColumn;
  readonly vault: KeyColumn;
  readonly keyPaths: Wallets["keyPaths"];
  /** Relations that the stack makes itself: never a finding. */
  readonly own: readonly number[];
  /** 14, 18 */
  readonly major: number;
}

/** Where the views of the stack are. */
export interface OwnSchema {
  readonly monitoringSchema: string;
}

const ownViews = ["wallet_status_monitoring", "vault_storage_status"];
const ownTables = [identityTableName, "wallet_key_displaced"];

/** Finds the two tables and what the stack made itself. */
export async function readTables(client: Client, wallets: Wallets, { monitoringSchema }: OwnSchema): Promise<Tables> {
  const column = async (table: string, name: string): Promise<KeyColumn> => {
    const { rows } = await client.query<{ oid: number; attnum: number; type: string }>(
      `select c.oid, a.attnum, format_type(a.atttypid, null) as type
         from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
        where n.nspname = $1 and c.relname = $2 and a.attname = $3 and c.relkind = 'r' and not a.attisdropped`,
      [wallets.schema, table, name],
    );
    const found = rows[0];
    if (found === undefined) throw new TypeError("The tables are gone since they were looked at.");
    return {
      ...found,
      schema: wallets.schema,
      table,
      column: name,
      name: `${wallets.schema}.${table}.${name}`,
      tableSql: quoteQualified(wallets.schema, table),
      columnSql: quoteIdent(name),
    };
  };
  const credentials = await column(wallets.credentialsTable, "metadata");
  const vault = await column(wallets.vaultTable, "encrypted_private_key");
  const { rows } = await client.query<{ own: number[]; major: number }>(
    `select array(select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
                   where (n.nspname = $1 and c.relname = any ($2) and c.relkind = 'v')
                      or (n.nspname in ($1, $3) and c.relname = any ($4) and c.relkind = 'r')) as own,
            current_setting('server_version_num')::int4 / 10000 as major`,
    [monitoringSchema, ownViews, wallets.schema, ownTables],
  );
  return { credentials, vault, keyPaths: wallets.keyPaths, own: rows[0]?.own ?? [], major: rows[0]?.major ?? 0 };
}

/** Parameters for `keyColumns`. */
export const keyColumnValues = ({ credentials, vault }: Tables): [number[], number[]] => [
  [credentials.oid, vault.oid],
  [credentials.attnum, vault.attnum],
];

/** SQL of a table `k` with the two key columns, from the first two parameters. */
export const keyColumns = "unnest($1::oid[], $2::int2[]) as k (oid, attnum)";

/** The key column of the table that a row is about. */
export const keyColumnOf = ({ credentials, vault }: Tables, oid: number): KeyColumn =>
  oid === vault.oid ? vault : credentials;

/** Names that say that a text is about keys: the vault's column, and the last step of each key path. */
export const keyNames = ({ vault, keyPaths }: Tables): string[] => [
  ...new Set([vault.column, ...keyPaths.map((path) => path.at(-1) ?? "").filter((name) => !/^[-+]?\d*$/.test(name))]),
];

/** One kind of look at the catalog. */
export type CatalogPart = (client: Client, tables: Tables) => Promise<Found[]>;
