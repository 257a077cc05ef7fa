const firstBlocks = 8;
const mostBlocks = 512;
/** How much one batch says about the next ones: the time of a single one is mostly chance. */
const weight = 0.3;
/** No batch counts as more than this many times as slow as the ones before it: it may have waited for something. */
const slowest = 4;

/** How much of the table a batch covers. */
export interface Pace {
  /** Blocks the next batch should cover, from 1 to 512. */
  readonly blocks: () => number;
  /** Tells how long a batch took: blocks it covered, milliseconds. */
  readonly took: (blocks: number, ms: number) => void;
  /** Halves the next batch. */
  readonly shrink: () => void;
}

/**
 * Has a batch take about half of `targetMs`: an application that wants to write a wallet of the batch waits until it
 * ends, and one slow batch should still end within the target.
 *
 * Learns what a block costs, and not by how much to change the size: ranges are cut several batches before their last
 * lane runs, and a correction made once for each of those would be made several times over.
 *
 * @param targetMs milliseconds a batch should not exceed
 */
export function paceFor(targetMs: number): Pace {
  const aim = targetMs / 2;
  let msPerBlock = aim / firstBlocks;
  const cost = (value: number): void => {
    msPerBlock = Math.min(aim, Math.max(aim / mostBlocks, value));
  };
  return {
    blocks: () => Math.round(aim / msPerBlock),
    took: (blocks, ms) => {
      const measured = Math.min(ms / Math.max(blocks, 1), msPerBlock * slowest);
      cost(msPerBlock + weight * (measured - msPerBlock));
    },
    shrink: () => cost(msPerBlock * 2),
  };
}
