import type { Table } from "../../postgres/catalog/table";
import type { Client } from "../../postgres/connection";
import { quoteLiteral, quoteQualified } from "../../postgres/quote";
import type { CollapseInputs } from "../args";

/** A column in which a row may hold something that would be lost with the row. */
export interface ComparedColumn {
  readonly name: string;
  /** SQL of its default, where that calls no function; null where it has none or does. */
  readonly fallback: string | null;
}

/** Say when a row was written, not what it holds. */
export const timestamps = ["created_at", "updated_at"];

/**
 * Every column but the value's own, and those that are named as free to differ. The declared ones as well: what a
 * collation or a number's type calls equal need not be the same. No column is taken for free because it is unique: a second key is unique as well. The primary key is, where it is one column, which then
 * does nothing but number the rows; generated columns hold nothing that the others do not.
 */
export async function comparedColumns(
  client: Client,
  table: Table,
  columns: readonly string[],
  { valueColumn, mayDiffer }: CollapseInputs,
): Promise<ComparedColumn[]> {
  const { rows } = await client.query<ComparedColumn>(
    `select a.attname::text as name,
            case when position('(' in expression) = 0 and a.attname::text <> all ($3::text[]) then expression end as fallback
       from pg_attribute a
       left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
       left join lateral pg_get_expr(d.adbin, d.adrelid) expression on true
      where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        and a.attname::text <> all ($2::text[])
        and not exists (select from pg_index i where i.indrelid = a.attrelid and i.indisprimary
                           and i.indnkeyatts = 1 and i.indkey[0] = a.attnum)
      order by a.attnum`,
    [table.oid, [valueColumn, ...mayDiffer, ...timestamps].filter((name) => !columns.includes(name)), columns],
  );
  return rows;
}

/** SQL: which table has the name, and its columns. What was learned of them holds for as long as this stays the same. */
export const shapeOf = ({ schema, name }: Pick<Table, "schema" | "name">): string =>
  `(select string_agg(concat_ws(' ', a.attrelid, a.attnum, a.atttypid, a.attgenerated, a.attname), ',' order by a.attnum)
      from pg_attribute a
     where a.attrelid = to_regclass(${quoteLiteral(quoteQualified(schema, name))}) and a.attnum > 0 and not a.attisdropped)`;
