import type { Client } from "../../postgres/connection";
import { quoteQualified } from "../../postgres/quote";
import type { Found } from "../finding";
import { keyColumnOf, keyColumns, keyColumnValues, type Tables } from "../tables";

interface KeyIndex {
  readonly table: number;
  readonly schema: string;
  readonly name: string;
  readonly method: string;
  readonly unique: boolean;
  readonly expression: boolean;
}

interface GeneratedColumn {
  readonly table: number;
  readonly column: string;
}

/** Indexes that hold values of a key column, or of expressions of it. */
export async function indexes(client: Client, tables: Tables): Promise<Found[]> {
  const { rows } = await client.query<KeyIndex>(
    `select k.oid as table, n.nspname::text as schema, c.relname::text as name, m.amname::text as method, i.indisunique as unique,
            not k.attnum = any (i.indkey::int2[]) as expression
       from ${keyColumns} join pg_index i on i.indrelid = k.oid join pg_class c on c.oid = i.indexrelid
       join pg_namespace n on n.oid = c.relnamespace join pg_am m on m.oid = c.relam
      where k.attnum = any (i.indkey::int2[])
         or (i.indexprs is not null and exists (
               select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid
                  and d.refclassid = 'pg_class'::regclass and d.refobjid = k.oid and d.refobjsubid = k.attnum))
      order by 1, 2, 3`,
    keyColumnValues(tables),
  );
  return rows.map((row) => indexFinding(row, tables));
}

function indexFinding(row: KeyIndex, tables: Tables): Found {
  const { name } = keyColumnOf(tables, row.table);
  const unique = row.unique
    ? " It is unique: PostgreSQL writes a value that is there twice into the error, and into its log."
    : "";
  const kept = row.expression ? " ANALYZE keeps samples of the expression's values, too." : "";
  return {
    kind: "index",
    object: `${row.schema}.${row.name}`,
    detail: `This ${row.method} index holds values of ${row.expression ? "an expression of " : ""}${name}, in a file of its own.${unique}${kept}`,
    advice: `Where nothing searches by it: drop index concurrently ${quoteQualified(row.schema, row.name)}; To find a wallet by its key, index a digest.`,
  };
}

/** Generated columns that are made from a key column. */
export async function generatedColumns(client: Client, tables: Tables): Promise<Found[]> {
  // Before PostgreSQL 15, what a generated column depends on is kept with the column.
  const { rows } = await client.query<GeneratedColumn>(
    `select distinct k.oid as table, a.attname::text as column
       from ${keyColumns} join pg_attribute a on a.attrelid = k.oid and a.attgenerated <> '' and not a.attisdropped
       left join pg_attrdef f on f.adrelid = a.attrelid and f.adnum = a.attnum
       join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = k.oid and d.refobjsubid = k.attnum
        and ((d.classid = 'pg_attrdef'::regclass and d.objid = f.oid)
             or (d.classid = 'pg_class'::regclass and d.objid = k.oid and d.objsubid = a.attnum))
      order by 1, 2`,
    keyColumnValues(tables),
  );
  return rows.map(({ table, column }): Found => {
    const { schema, table: name, column: of } = keyColumnOf(tables, table);
    return {
      kind: "generatedColumn",
      object: `${schema}.${name}.${column}`,
      detail: `This column is generated from ${of}: it may hold keys, under grants of its own.`,
      advice: "Look at its expression (\\d+ in psql), and drop the column if a key is in it.",
    };
  });
}
