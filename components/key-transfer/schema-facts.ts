import { requireColumn, type Table } from "../postgres/catalog/table";
import type { Client } from "../postgres/connection";
import type { SchemaFacts } from "./wallets";

/** Reads the facts on which the SQL of the transfer and of the views depends. */
export async function readSchemaFacts(client: Client, credentials: Table, vault: Table): Promise<SchemaFacts> {
  const metadata = requireColumn(credentials, "metadata").type === "json" ? "json" : "jsonb";
  const { rows } = await client.query<
    Pick<
      SchemaFacts,
      "utf8" | "checksJson" | "idType" | "idCollation" | "vaultIdCollation" | "backupDateType" | "ungroupable"
    >
  >(
    `select current_setting('server_encoding') = 'UTF8' as utf8,
            current_setting('server_version_num')::int >= 160000 as "checksJson",
            (select format('%I.%I', n.nspname, t.typname)
               from pg_attribute a join pg_type t on t.oid = a.atttypid join pg_namespace n on n.oid = t.typnamespace
              where a.attrelid = $1 and a.attname = 'id') as "idType",
            (select format('%I.%I', n.nspname, l.collname)
               from pg_attribute a join pg_type t on t.oid = a.atttypid and t.typcollation <> a.attcollation
               join pg_collation l on l.oid = a.attcollation join pg_namespace n on n.oid = l.collnamespace
              where a.attrelid = $1 and a.attname = 'id') as "idCollation",
            (select format('%I.%I', n.nspname, l.collname)
               from pg_attribute a join pg_collation l on l.oid = a.attcollation join pg_namespace n on n.oid = l.collnamespace
              where a.attrelid = $2 and a.attname = 'vault_id') as "vaultIdCollation",
            (select format_type(a.atttypid, a.atttypmod) from pg_attribute a
              where a.attrelid = $1 and a.attname = 'vault_backup_date') as "backupDateType",
            -- Types of pg_catalog that cannot be grouped by. PostgreSQL would refuse the view for a type of an extension.
            array(select a.attname::text
                    from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_type b on b.oid = t.typbasetype
                   where a.attrelid = $1 and a.attname in ('credential_type', 'network')
                     and coalesce(b.typname, t.typname) in ('json', 'xml', 'point', 'line', 'lseg', 'box', 'path', 'polygon', 'circle')
                     and coalesce(b.typnamespace, t.typnamespace) = 'pg_catalog'::regnamespace) as ungroupable`,
    [credentials.oid, vault.oid],
  );
  const facts = rows[0];
  if (facts === undefined) throw new TypeError("The tables are gone since they were looked at.");
  return {
    metadata,
    ...facts,
    vaultIdLength: requireColumn(vault, "vault_id").limit,
    keyLength: requireColumn(vault, "encrypted_private_key").limit,
    revocation: revocationColumns(vault),
  };
}

/** Those of the columns that mark a vault row as revoked which the table has. */
export function revocationColumns(vault: Table): ("access_level" | "revoked_at")[] {
  return (["access_level", "revoked_at"] as const).filter((column) => vault.columns.has(column));
}
