import type { BatchPlan } from "./batch-plan";

/** Lanes by which a block is cut until a row is alone: a line pointer's low byte tells them apart. */
const mostLanes = 256;

/** The two halves of a plan; undefined where it is a single row's. */
export function splitPlan(plan: BatchPlan): readonly [BatchPlan, BatchPlan] | undefined {
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
