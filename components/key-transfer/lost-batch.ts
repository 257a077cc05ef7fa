import type { BatchPlan } from "../batches/batch-plan";
import type { Client } from "../postgres/connection";
import type { BatchResult } from "./sql/batch";
import type { WalletStateSql } from "./wallet-state";

/** Lanes by which a block is cut until a wallet is alone: a line pointer's low byte tells them apart. */
const mostLanes = 256;

/** Times a batch may end its session before it is cut in two: a server may be restarted, or a session be ended by a person. */
export const lossesTogether = 3;

/** What is left to do of a batch that ends its session, in two parts; undefined where it is a single wallet's. */
export function halves(plan: BatchPlan): readonly [BatchPlan, BatchPlan] | undefined {
  const { range, lane, lanes } = plan;
  const { from, to } = range;
  if (to - from > 1) {
    const middle = Math.floor((from + to) / 2);
    return [
      { ...plan, range: { from, to: middle } },
      { ...plan, range: { from: middle, to } },
    ];
  }
  if (lanes >= mostLanes) return undefined;
  return [
    { ...plan, lanes: lanes * 2 },
    { ...plan, lanes: lanes * 2, lane: lane + lanes },
  ];
}

/** The wallets of such a part, told as refused with this SQLSTATE. Nothing is changed. */
export async function refusedThere(
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
