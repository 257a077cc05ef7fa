import type { Client } from "../../postgres/connection";
import { quoteQualified } from "../../postgres/quote";

/** Columns looked into, at most. */
const mostColumns = 16;

/**
 * Columns of a table with texts that the role may read, besides the key column. Only types of PostgreSQL itself: a cast of
 * another one to text may be somebody's code.
 */
export async function textColumns(client: Client, schema: string, table: string, keyColumn: string): Promise<string[]> {
  const { rows } = await client.query<{ column: string }>(
    `select a.attname::text as column
       from pg_attribute a join pg_type t on t.oid = a.atttypid
      where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attname <> $2
        and (case when t.typtype = 'd' then t.typbasetype else t.oid end) = any (array['text', 'varchar', 'bpchar', 'json', 'jsonb']::regtype[])
        and has_column_privilege(a.attrelid, a.attnum, 'select')
      order by a.attname not in ('wallet_address', 'public_key'), a.attnum limit $3`,
    [quoteQualified(schema, table), keyColumn, mostColumns],
  );
  return rows.map(({ column }) => column);
}
