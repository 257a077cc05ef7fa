import type { Range } from "../../batches/range";
import type { Client } from "../../postgres/connection";
import { quoteQualified } from "../../postgres/quote";
import type { WalletStateSql } from "../wallet-state";
import type { Wallets } from "../wallets";
import { prepareScan } from "./state-counts";

/** Blocks looked at as one when work is searched for. */
const chunk = 64;

/** The whole table, as it is now. */
export async function wholeTable(client: Client, wallets: Wallets): Promise<Range[]> {
  const { rows } = await client.query<{ blocks: string }>(
    "select pg_relation_size($1::regclass) / current_setting('block_size')::int as blocks",
    [quoteQualified(wallets.schema, wallets.credentialsTable)],
  );
  const blocks = Number(rows[0]?.blocks ?? 0);
  return blocks > 0 ? [{ from: 0, to: blocks }] : [];
}

/** Looks at every row of a range, and at nothing in it. */
export async function readPages(client: Client, wallets: Wallets, { from, to }: Range): Promise<void> {
  const credentials = quoteQualified(wallets.schema, wallets.credentialsTable);
  await client.query(`select count(*) from ${credentials} c where c.ctid >= '(${from},0)' and c.ctid < '(${to},0)'`);
}

/** The stretches that hold a wallet with something to do, from one scan of both tables. */
export async function rangesWithWork(client: Client, wallets: Wallets, stateSql: WalletStateSql): Promise<Range[]> {
  await prepareScan(client, wallets, true);
  const { rows } = await client.query<{ chunk: string }>(
    `select distinct (c.ctid::text::point)[0]::int8 / ${chunk} as chunk
       from ${stateSql.from({ vault: stateSql.vaultForScan })}
      where ${stateSql.inScope} and w.needs_work`,
  );
  return joined(rows.map((row) => Number(row.chunk)).toSorted((a, b) => a - b));
}

/** Neighbouring chunks become one range. */
function joined(chunks: readonly number[]): Range[] {
  const ranges: { from: number; to: number }[] = [];
  for (const n of chunks) {
    const last = ranges.at(-1);
    if (last !== undefined && last.to === n * chunk) last.to += chunk;
    else ranges.push({ from: n * chunk, to: (n + 1) * chunk });
  }
  return ranges;
}
