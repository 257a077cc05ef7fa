import { randomInt } from "node:crypto";
import { lockTimeoutSetting, TransientError } from "../../batches/batch-job";
import type { BatchPlan } from "../../batches/batch-plan";
import { splitPlan } from "../../batches/split-plan";
import type { Client } from "../../postgres/connection";
import { isConnectionLoss } from "../../postgres/errors";
import { quoteLiteral } from "../../postgres/quote";
import { backToOwnSettings, ownSettings } from "../../postgres/role-settings";
import { isStandard, lockNotAvailable, raiseException } from "../../postgres/sqlstate";
import type { WalletStateSql } from "../wallet-state";
import type { Wallets } from "../wallets";
import { blockSettings, modifiedByTrigger, otherRowsWritten, preparedReplaced, seedSetting } from "./do-block";
import { moveBatch, preparedMoves, preparedSoFar } from "./move-batch";
import { moveRowByRow } from "./move-row-by-row";

/** A wallet that was left undone, and why. */
export interface Refusal {
  readonly id: string;
  readonly sqlstate: string;
  /** `constraint x` or `index x`: what objected, where it was named and the catalog knows it. */
  readonly constraint: string | null;
  /**
   * `refused`: the database refused it. `modified`: a trigger or rule changed the key or the flag. `otherRows`: triggers
   * wrote more than the wallet's own rows. `locked`: another session had it.
   */
  readonly cause: "refused" | "modified" | "otherRows" | "locked";
  /** Who had it, where it was locked and this role may see that: `pid 4711 (psql, idle in transaction, for 42 s)`. */
  readonly holder?: string;
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

/** What digests depend on: given anew with every batch, since a trigger might set it. */
const seed = randomInt(2 ** 47);

/** A session that is ready for `runBatch`. */
export interface BatchSession {
  readonly client: Client;
  /** What `preparedSoFar` says of what it has prepared: kept where no trigger looks for it. */
  readonly prepared: string;
}

/** Makes a session ready for `runBatch`. */
export async function prepareBatches(
  client: Client,
  wallets: Wallets,
  stateSql: WalletStateSql,
): Promise<BatchSession> {
  // A lost tail of commits is no loss: wallet and vault row are one transaction, and the read-back waits until all is
  // on disk. Index look-ups only: planned as if the vault were empty, a batch would read all of it. Enough memory for the
  // keys of a batch, or PostgreSQL would put them into temporary files.
  await client.query(`set synchronous_commit = off; set enable_seqscan = off; set work_mem = '1GB';
    ${preparedMoves(wallets, stateSql)}`);
  const { rows } = await client.query<{ prepared: string }>(`select ${preparedSoFar} as prepared`);
  return { client, prepared: String(rows[0]?.prepared) };
}

/**
 * Moves one batch in one transaction. What is left of it because there were more wallets than a transaction may lock, and
 * all of it where the database refuses it, is moved half by half, and so on, until a single block's wallets are moved one
 * by one: what is refused is found without holding locks for long.
 *
 * @param committed told what each transaction did, as soon as it is done: a later one may fail
 * @throws TransientError
 */
export async function runBatch(
  session: BatchSession,
  wallets: Wallets,
  stateSql: WalletStateSql,
  plan: BatchPlan,
  committed: (result: BatchResult) => void,
): Promise<void> {
  const { range, most, tolerated, waitForLocks } = plan;
  const oneBlock = range.to - range.from <= 1;
  if (oneBlock && tolerated !== undefined) return moveRowByRowIn(session, wallets, stateSql, plan, committed);
  if (tolerated === undefined) {
    const { again, refused, ...all } = await runBlock(session, moveBatch(wallets, stateSql, waitForLocks), plan);
    if (again !== undefined && again !== null) throw transientError(again);
    if (refused === undefined) {
      committed({ ...all, refused: 0, refusals: [] });
      if (most === undefined || all.locked < most) return;
    } else if (oneBlock) return moveRowByRowIn(session, wallets, stateSql, plan, committed);
  }
  for (const half of splitPlan(plan) ?? []) await runBatch(session, wallets, stateSql, half, committed);
}

async function moveRowByRowIn(
  session: BatchSession,
  wallets: Wallets,
  stateSql: WalletStateSql,
  plan: BatchPlan,
  committed: (result: BatchResult) => void,
): Promise<void> {
  const block = moveRowByRow(wallets, stateSql, plan.waitForLocks && plan.tolerated !== "locks");
  let ids: readonly string[] | undefined;
  do {
    const { again, rest, refusals, ...counts } = await runBlock(session, block, plan, ids);
    committed({ ...counts, refusals: refusals.map(withCause), refused: Number(counts.refused) });
    if (again !== undefined && again !== null) throw transientError(again);
    ids = rest ?? undefined;
  } while (ids !== undefined);
}

/** A trigger may raise any five characters, even a key's: those that are no standard code are told as what they are. */
function withCause({ id, sqlstate, constraint }: Omit<Refusal, "cause">): Refusal {
  if (sqlstate === modifiedByTrigger) return { id, sqlstate, constraint, cause: "modified" };
  if (sqlstate === otherRowsWritten) return { id, sqlstate, constraint, cause: "otherRows" };
  if (sqlstate === lockNotAvailable) return { id, sqlstate, constraint, cause: "locked" };
  return { id, sqlstate: isStandard(sqlstate) ? sqlstate : raiseException, constraint, cause: "refused" };
}

const transientError = (sqlstate: string): TransientError =>
  sqlstate === preparedReplaced
    ? new TransientError(sqlstate, "a trigger replaced this session's prepared statements")
    : new TransientError(sqlstate);

/** As a block leaves it: counts as JSON numbers, and `again` where it met a passing error. */
interface BlockResult extends Omit<BatchResult, "refused" | "refusals"> {
  readonly again?: string | null;
  /** Ids of wallets that are left for the next block; null where there are none. */
  readonly rest?: readonly string[] | null;
  readonly refused?: number | true;
  readonly refusals: readonly Omit<Refusal, "cause">[];
}

/** A text array as PostgreSQL reads it. */
const arrayText = (values: readonly string[]): string =>
  `{${values.map((value) => `"${value.replace(/["\\]/g, "\\$&")}"`).join(",")}}`;

/** Runs a block. What it should do goes before it as settings: its own text must not differ from batch to batch. */
async function runBlock(
  { client, prepared }: BatchSession,
  block: string,
  plan: BatchPlan,
  ids?: readonly string[],
): Promise<BlockResult> {
  const { range, lane, lanes, most = "", mostMs: most_ms = "", tolerated: leave = "" } = plan;
  const numbers = { from: `(${range.from},0)`, to: `(${range.to},0)`, lane, lanes, most, most_ms };
  const given = { ...numbers, leave, prepared, ids: ids === undefined ? "" : arrayText(ids) };
  const settings = blockSettings.map(
    (name) => `set_config('wallet_vault.${name}', ${quoteLiteral(String(given[name]))}, true)`,
  );
  settings.push(`set_config('${seedSetting}', '${seed}', true)`);
  settings.push(
    `set_config('lock_timeout', coalesce(nullif(current_setting('${lockTimeoutSetting}', true), ''), '0'), true)`,
  );
  try {
    const results = (await client.query(
      // Our own settings before and after: a trigger may set the search path, or a timeout, for the whole session.
      `begin isolation level read committed read write; ${backToOwnSettings} select ${settings.join(", ")}; ${block};
       select current_setting('wallet_vault.batch')::json as batch; close all; commit; ${ownSettings}`,
    )) as unknown as { rows: { batch?: BlockResult }[] }[];
    const found = results.find((result) => result.rows[0]?.batch !== undefined)?.rows[0]?.batch;
    if (found === undefined) throw new TypeError("a batch left no result");
    return found;
  } catch (error) {
    if (!isConnectionLoss(error)) await client.query("rollback").catch(() => undefined);
    throw error;
  }
}
