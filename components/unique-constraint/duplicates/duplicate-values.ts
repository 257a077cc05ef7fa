import type { Table } from "../../postgres/catalog/table";
import type { Client } from "../../postgres/connection";
import { WalletVaultError } from "../../postgres/errors";
import { printableId } from "../../postgres/printable";
import { quoteIdent, quoteQualified } from "../../postgres/quote";

/** How many ids a message names. */
const namedIds = 20;

export interface Duplicates {
  /** Distinct values of the columns that have more than one row. */
  readonly values: number;
  /** Rows they have together. */
  readonly rows: number;
  /** Up to 20 of those values. */
  readonly ids: readonly string[];
}

/** Reads the whole table, so it is asked only where no index answers the question. Rows with a null are never duplicates. */
export async function duplicatesIn(client: Client, table: Table, columns: readonly string[]): Promise<Duplicates> {
  const { rows } = await client.query<Duplicates>(
    `with many as (${valuesWithManyRows(table, columns)})
     select (select count(*) from many)::float8 as values,
            (select coalesce(sum(n), 0) from many)::float8 as rows,
            array(select ${idOf("many", columns)} from many order by 1 limit ${namedIds}) as ids`,
  );
  return rows[0] ?? { values: 0, rows: 0, ids: [] };
}

/** SQL: the columns and `n` for every value that has more than one row. */
export function valuesWithManyRows(table: Table, columns: readonly string[]): string {
  const list = columns.map(quoteIdent).join(", ");
  const known = columns.map((column) => `${quoteIdent(column)} is not null`).join(" and ");
  return `select ${list}, count(*) as n from ${quoteQualified(table.schema, table.name)} where ${known} group by ${list} having count(*) > 1`;
}

/** SQL: the columns of `alias` as one text for a message. */
export function idOf(alias: string, columns: readonly string[]): string {
  const texts = columns.map((column) => `${alias}.${quoteIdent(column)}::text`);
  return texts.length === 1 ? String(texts[0]) : `concat_ws('/', ${texts.join(", ")})`;
}

/** `a, b and 3 more` */
export function listed(ids: readonly string[], total: number): string {
  const more = total - ids.length;
  return ids.map(printableId).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

export function duplicatesFound(table: Table, columns: readonly string[], found: Duplicates): WalletVaultError {
  const have = found.values === 1 ? "1 value has" : `${found.values} values have`;
  return new WalletVaultError(
    "ERR_DUPLICATES",
    `In ${table.schema}.${table.name}, ${have} more than one row for (${columns.join(", ")}), ${found.rows} rows in all: ${listed(found.ids, found.values)}.`,
    "Decide which row of each is right and remove the others; collapseDuplicates: true does so for rows that are empty or identical copies, and for no others. Then run the same command again.",
  );
}
