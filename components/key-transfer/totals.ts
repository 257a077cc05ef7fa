import type { BatchResult, Refusal } from "./sql/batch";

/** What a run has done so far. Counts. */
export interface Totals {
  /** Keys newly in the vault, and those of them that replaced a placeholder. */
  transferred: number;
  repaired: number;
  flagsSet: number;
  flagsCleared: number;
  /** New vault rows whose wanted id was taken, so that they got `vault-<credential id>`. */
  vaultIdsAssigned: number;
  batches: number;
  /** Batches run again after a deadlock, a lock timeout, a lost connection and the like. */
  retries: number;
  /** Wallets that the database refused in the latest pass. */
  refused: number;
  /** The first 20 of them. */
  refusals: Refusal[];
  /** Those of the latest pass while all of them were refused for one reason and none was moved; see sameRefusal. */
  alike: Alike | "none yet" | "no longer";
}

interface Alike {
  readonly first: Refusal;
  readonly wallets: number;
}

/** Refusals told one by one; the others are counted. */
const maxRefusalsTold = 20;

/** So many wallets, refused for one reason and none of them moved, are enough to say so and stop. */
const enoughAlike = 200;

export const emptyTotals = (): Totals => ({
  transferred: 0,
  repaired: 0,
  flagsSet: 0,
  flagsCleared: 0,
  vaultIdsAssigned: 0,
  batches: 0,
  retries: 0,
  refused: 0,
  refusals: [],
  alike: "none yet",
});

export function addBatch(totals: Totals, batch: BatchResult): void {
  totals.batches += 1;
  totals.transferred += batch.transferred;
  totals.repaired += batch.repaired;
  totals.flagsSet += batch.flags_set;
  totals.flagsCleared += batch.flags_cleared;
  totals.vaultIdsAssigned += batch.assigned;
  totals.refused += batch.refused;
  totals.refusals.push(...batch.refusals.slice(0, maxRefusalsTold - totals.refusals.length));
  totals.alike = alikeWith(totals.alike, batch);
}

/** A new pass finds its own refusals. */
export function forgetRefusals(totals: Totals): void {
  totals.refused = 0;
  totals.refusals = [];
  if (totals.alike !== "no longer") totals.alike = "none yet";
}

/** What refused every wallet so far, where there were enough of them to expect the same of all others. */
export const sameRefusal = ({ alike }: Totals): Alike | undefined =>
  typeof alike === "object" && alike.wallets >= enoughAlike ? alike : undefined;

function alikeWith(before: Totals["alike"], batch: BatchResult): Totals["alike"] {
  const first = typeof before === "object" ? before.first : batch.refusals[0];
  if (before === "no longer" || batch.transferred + batch.flags_set > 0) return "no longer";
  if (first === undefined) return before;
  const same = (refusal: Refusal): boolean => reasonOf(refusal) === reasonOf(first);
  // A lock passes.
  if (first.cause === "locked" || !batch.refusals.every(same)) return "no longer";
  return { first, wallets: (typeof before === "object" ? before.wallets : 0) + batch.refused };
}

/** Everything that changed a row: two equal values before and after a pass mean that it found nothing it could do. */
export const changes = (totals: Totals): number => totals.transferred + totals.flagsSet + totals.flagsCleared;

/** One and the same trigger may change the key of one wallet and write others' rows for the next. */
const reasonOf = ({ cause, sqlstate }: Refusal): string =>
  cause === "modified" || cause === "otherRows" ? "a trigger" : `${cause} ${sqlstate}`;
