import type { BatchResult, Refusal } from "./statements/batch";

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
  /** Wallets that the database refused in the latest sweep. */
  refused: number;
  /** The first 20 of them. */
  refusals: Refusal[];
}

/** Refusals told one by one; the others are counted. */
const told = 20;

export const nothingDone = (): Totals => ({
  transferred: 0,
  repaired: 0,
  flagsSet: 0,
  flagsCleared: 0,
  vaultIdsAssigned: 0,
  batches: 0,
  retries: 0,
  refused: 0,
  refusals: [],
});

export function add(totals: Totals, batch: BatchResult): void {
  totals.batches += 1;
  totals.transferred += batch.transferred;
  totals.repaired += batch.repaired;
  totals.flagsSet += batch.flags_set;
  totals.flagsCleared += batch.flags_cleared;
  totals.vaultIdsAssigned += batch.assigned;
  totals.refused += batch.refused;
  totals.refusals.push(...batch.refusals.slice(0, told - totals.refusals.length));
}

/** Everything that changed a row: two equal values before and after a sweep mean that it found nothing it could do. */
export const changes = (totals: Totals): number => totals.transferred + totals.flagsSet + totals.flagsCleared;
