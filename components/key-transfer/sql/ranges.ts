import type { Range } from "../../batches/range";
import type { Client } from "../../postgres/connection";
import type { WalletStateSql } from "../wallet-state";
import type { Wallets } from "../wallets";
import { prepareScan } from "./state-counts";

/** Blocks looked at as one when work is searched for. */
const chunk = 64;

/**
 * The stretches that hold a wallet with something to do, from one scan of both tables.
 *
 * @param work SQL of what makes it one
 */
export async function rangesWithWork(
  client: Client,
  wallets: Wallets,
  stateSql: WalletStateSql,
  work = "w.needs_work",
): Promise<Range[]> {
  await prepareScan(client, wallets, true);
  const { rows } = await client.query<{ chunk: string }>(
    `select distinct (c.ctid::text::point)[0]::int8 / ${chunk} as chunk
       from ${stateSql.from({ vault: stateSql.vaultForScan })}
      where ${stateSql.inScope} and ${work}`,
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
