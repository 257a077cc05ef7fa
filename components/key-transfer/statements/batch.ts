import type { Client } from "../../postgres/connection";
import { isConnectionLoss } from "../../postgres/errors";
import { isStandard, raiseException } from "../../postgres/sqlstate";
import type { Standing } from "../standing";
import type { Wallets } from "../wallets";
import { changedOnItsWay, preparedMoves, singly, together } from "./blocks";
import type { Range } from "./ranges";

/** A wallet that the database refused to move: its SQLSTATE, and the constraint where one was named. */
export interface Refusal {
  readonly id: string;
  readonly sqlstate: string;
  readonly constraint: string | null;
}

/** What a batch did. Counts. */
export interface BatchResult {
  /** Wallets that were looked at under a lock. */
  readonly locked: number;
  readonly transferred: number;
  readonly repaired: number;
  readonly assigned: number;
  readonly flags_set: number;
  readonly flags_cleared: number;
  readonly refused: number;
  /** The first few of them. */
  readonly refusals: readonly Refusal[];
}

export interface BatchPlan {
  readonly range: Range;
  /** Only the wallets of one lane out of `lanes`; see sweep.ts. */
  readonly lane: number;
  readonly lanes: number;
  /** False: rows that others have locked are skipped. True: waited for. */
  readonly patient: boolean;
  /** Wallets a transaction may lock, 1 or more, unless one block holds more. Default: all of the range. */
  readonly most?: number | undefined;
  /** True: wallet by wallet, and those that others hold up are left as they are. Default false. */
  readonly leaveLocked?: boolean;
}

/** Makes a session ready for `runBatch`. */
export async function prepareBatches(client: Client, wallets: Wallets, by: Standing): Promise<void> {
  // A lost tail of commits is no loss: wallet and vault row are one transaction, and the read-back waits until all is
  // on disk. Index look-ups only: planned as if the vault were empty, a batch would read all of it.
  await client.query(`set synchronous_commit = off; set enable_seqscan = off; set work_mem = '32MB';
    ${preparedMoves(wallets, by)}`);
}

/**
 * Moves one batch in one transaction. What is left of it because there were more wallets than a transaction may lock, and
 * all of it where the database refuses it, is moved half by half, and so on, until a single block's wallets are moved one
 * by one: what is refused is found without holding locks for long.
 *
 * @param committed told what each transaction did, as soon as it is done: a later one may fail
 */
export async function runBatch(
  client: Client,
  wallets: Wallets,
  by: Standing,
  plan: BatchPlan,
  committed: (result: BatchResult) => void,
): Promise<void> {
  const { from, to } = plan.range;
  const most = to - from > 1 ? plan.most : undefined;
  const all = plan.leaveLocked ? null : await runBlock(client, together(wallets, by, { ...plan, most }));
  if (all !== null) {
    committed(all);
    if (most === undefined || all.locked < most) return;
  } else if (to - from <= 1) {
    const one = await runBlock(client, singly(wallets, by, plan));
    if (one !== null) committed({ ...one, refusals: one.refusals.map(printable) });
    return;
  }
  const middle = Math.floor((from + to) / 2);
  await runBatch(client, wallets, by, { ...plan, range: { from, to: middle } }, committed);
  await runBatch(client, wallets, by, { ...plan, range: { from: middle, to } }, committed);
}

/** A trigger may raise any five characters, even a key's: those that are no standard code are told as what they are. */
const printable = (refusal: Refusal): Refusal =>
  refusal.sqlstate === changedOnItsWay || isStandard(refusal.sqlstate)
    ? refusal
    : { ...refusal, sqlstate: raiseException };

/** Runs a block that leaves its result in a setting of the transaction; null where the database refused the batch. */
async function runBlock(client: Client, block: string): Promise<BatchResult | null> {
  try {
    const results = (await client.query(
      `begin; ${block}; select current_setting('wallet_vault.batch')::json as batch; commit`,
    )) as unknown as { rows: { batch: BatchResult | null }[] }[];
    return results.find((result) => result.rows.length > 0)?.rows[0]?.batch ?? null;
  } catch (error) {
    if (!isConnectionLoss(error)) await client.query("rollback").catch(() => undefined);
    throw error;
  }
}
