import type { Client } from "../postgres/connection";

/** Blocks `from` to `to` (exclusive) of a table: a stretch of it in the order it lies on disk. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** The whole table, as it is now. */
export async function wholeTable(client: Client, table: string): Promise<Range[]> {
  const { rows } = await client.query<{ blocks: string }>(
    "select pg_relation_size($1::regclass) / current_setting('block_size')::int as blocks",
    [table],
  );
  const blocks = Number(rows[0]?.blocks ?? 0);
  return blocks > 0 ? [{ from: 0, to: blocks }] : [];
}

/** Looks at every row of a range, and at nothing in it. */
export async function readPages(client: Client, table: string, { from, to }: Range): Promise<void> {
  await client.query(`select count(*) from ${table} c where c.ctid >= '(${from},0)' and c.ctid < '(${to},0)'`);
}
