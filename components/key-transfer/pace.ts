const firstBlocks = 8;
const mostBlocks = 512;

/**
 * How much of the table a batch covers, so that it takes about half of `targetMs`: an application that wants to write
 * a wallet of the batch waits until it ends, and one slow batch should still end within the target.
 *
 * @param targetMs milliseconds a batch should not exceed
 */
export function paceFor(targetMs: number): { blocks: () => number; took: (ms: number) => void; shrink: () => void } {
  let blocks = firstBlocks;
  const set = (value: number): void => {
    blocks = Math.min(mostBlocks, Math.max(1, value));
  };
  return {
    blocks: () => Math.round(blocks),
    // A batch that found little to do says little: growth is bounded, so that the next full one is no shock.
    took: (ms) => set(blocks * Math.min(1.5, Math.max(0.4, targetMs / 2 / Math.max(ms, 1)))),
    shrink: () => set(blocks / 2),
  };
}
