/** How much one batch says about the next ones: the time of a single one is mostly chance. */
const weight = 0.3;
/** No batch counts as more than this many times as slow as the ones before it: it may have waited for something. */
const slowest = 4;

/** How large a batch should be, in blocks or in wallets. */
export interface Pace {
  /** Size of the next batch, from 1 to `most`. */
  readonly size: () => number;
  /** Tells how large a batch was, and how many milliseconds it took. */
  readonly took: (size: number, ms: number) => void;
  /** Halves the next batch. */
  readonly shrink: () => void;
}

export interface Aim {
  /** Milliseconds a batch should take. */
  readonly ms: number;
  /** Size of the first batch. */
  readonly first: number;
  readonly most: number;
}

/**
 * Learns what a block or a wallet costs, and not by how much to change the size: ranges are cut several batches before
 * their last lane runs, and a correction made once for each of those would be made several times over.
 */
export function paceFor({ ms: aim, first, most }: Aim): Pace {
  let cost = aim / first;
  const learn = (ms: number): void => {
    cost = Math.min(aim, Math.max(aim / most, ms));
  };
  return {
    size: () => Math.round(aim / cost),
    took: (size, ms) => learn(cost + weight * (Math.min(ms / Math.max(size, 1), cost * slowest) - cost)),
    shrink: () => learn(cost * 2),
  };
}
