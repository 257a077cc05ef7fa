/** How much one batch says about the next ones: the time of a single one is mostly chance. */
const weightOfOne = 0.3;
/** No batch counts as more than this many times as slow as the ones before it: it may have waited for something. */
const slowestCounted = 4;

/** How large a batch should be, in blocks or in rows. */
export interface BatchSize {
  /** Size of the next batch, from 1 to `most`. */
  readonly size: () => number;
  /** Tells how large a batch was, and how many milliseconds it took. */
  readonly record: (size: number, ms: number) => void;
  /** Halves the next batch. */
  readonly halve: () => void;
}

export interface BatchTarget {
  /** Milliseconds a batch should take. */
  readonly ms: number;
  /** Size of the first batch. */
  readonly first: number;
  readonly most: number;
}

/**
 * Tracks the cost of a block or a row, not a correction of the size. Ranges are cut several batches before their last lane
 * runs, so a correction would be applied once per queued range.
 */
export function batchSizeFor({ ms: aim, first, most }: BatchTarget): BatchSize {
  let cost = aim / first;
  const learn = (ms: number): void => {
    cost = Math.min(aim, Math.max(aim / most, ms));
  };
  return {
    size: () => Math.round(aim / cost),
    record: (size, ms) => learn(cost + weightOfOne * (Math.min(ms / Math.max(size, 1), cost * slowestCounted) - cost)),
    halve: () => learn(cost * 2),
  };
}
