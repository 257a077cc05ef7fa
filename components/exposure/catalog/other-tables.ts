import type { Client } from "../../postgres/connection";
import type { Found } from "../finding";
import { keyNames, type Tables } from "../tables";

interface OtherTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: string[];
}

/** Tables that look like copies of the two: a column named as a key, or metadata beside vault_stored. They are not looked into. */
export async function otherTables(client: Client, tables: Tables): Promise<Found[]> {
  const { rows } = await client.query<OtherTable>(
    `select n.nspname::text as schema, c.relname::text as name, array_agg(a.attname::text order by a.attname) as columns
       from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
      where c.relkind in ('r', 'p', 'f') and n.nspname !~ '^(pg_|information_schema$)' and a.attnum > 0 and not a.attisdropped
        and c.oid <> all ($1::oid[])
        and (a.attname = any ($2)
             or (a.attname = 'metadata' and exists (
                   select from pg_attribute b where b.attrelid = c.oid and b.attname = 'vault_stored' and not b.attisdropped)))
      group by 1, 2 order by 1, 2`,
    [[tables.credentials.oid, tables.vault.oid, ...tables.own], keyNames(tables)],
  );
  return rows.map(({ schema, name, columns }): Found => ({
    kind: "otherTable",
    object: `${schema}.${name}`,
    detail: `It has a column named like one that holds keys: ${columns.join(", ")}. Its rows were not looked at.`,
    advice:
      "If it is a backup or a history of these tables: protect it as the vault, and drop it when nobody needs it.",
  }));
}
