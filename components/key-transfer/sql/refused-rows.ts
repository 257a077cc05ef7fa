import type { BatchPlan } from "../../batches/batch-plan";
import type { Client } from "../../postgres/connection";
import type { WalletStateSql } from "../wallet-state";
import type { BatchResult } from "./batch";

/** The wallets of a plan, told as refused with this SQLSTATE. Nothing is changed. */
export async function refusedRows(
  client: Client,
  stateSql: WalletStateSql,
  { range, lane, lanes }: BatchPlan,
  sqlstate: string,
): Promise<BatchResult> {
  const { rows } = await client.query<{ id: string }>(
    `select c.id::text as id from ${stateSql.from({ perRowLookup: true })}
      where c.ctid >= '(${range.from},0)' and c.ctid < '(${range.to},0)' and get_byte(tidsend(c.ctid), 5) % ${lanes} = ${lane}
        and ${stateSql.inScope} and w.needs_work`,
  );
  const refusals = rows.map(({ id }) => ({ id, sqlstate, constraint: null, cause: "refused" }) as const);
  const nothing = { locked: 0, transferred: 0, repaired: 0, assigned: 0, flags_set: 0, flags_cleared: 0 };
  return { ...nothing, refused: refusals.length, refusals };
}
