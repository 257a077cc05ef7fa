import type { Range } from "./range";

/**
 * Single blocks all over some stretches, one at random in each of `parts` equal parts. Which rows can be changed may depend on
 * where they are, and the next run must not look at the same blocks again.
 *
 * @param random 0 or more, less than 1
 */
export function sampleRanges(ranges: readonly Range[], parts: number, random: () => number = Math.random): Range[] {
  const blocks = ranges.reduce((sum, { from, to }) => sum + to - from, 0);
  const wanted = Math.min(parts, blocks);
  const places = Array.from({ length: wanted }, (_, n) => Math.floor(((n + random()) * blocks) / wanted));
  return [...new Set(places)].map((place) => {
    const from = blockAt(ranges, place);
    return { from, to: from + 1 };
  });
}

/** The block that comes `place` blocks after the first one, gaps between the stretches left out. */
function blockAt(ranges: readonly Range[], place: number): number {
  let rest = place;
  for (const { from, to } of ranges) {
    if (rest < to - from) return from + rest;
    rest -= to - from;
  }
  throw new RangeError("no such block");
}
