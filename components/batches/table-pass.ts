import type { BatchPlan } from "./batch-plan";
import type { Range } from "./range";

/** One pass over some stretches of a table. */
export interface TablePass {
  readonly ranges: readonly Range[];
  readonly lanes: number;
  /** False: rows that others have locked are skipped. True: waited for. */
  readonly waitForLocks: boolean;
}

/** A batch knows how many blocks it should cover; it runs one plan at a time. */
export interface BatchRunner {
  /** Blocks the next range should have, at least 1. */
  readonly blocks: () => number;
  readonly run: (plan: BatchPlan) => Promise<void>;
  /** Called with each range that all lanes are done with, if there are several. */
  readonly prunePages: (range: Range) => Promise<void>;
  readonly stopped: () => boolean;
}

/**
 * Lanes of a pass over a table of which most rows change. In each stretch a quarter of the rows goes first; their old
 * row versions leave room in the pages, so that the other rows find room for their new versions beside the old ones and
 * need no new index entries (heap-only tuples; PostgreSQL manual, 73.7). More lanes look at each page more often, and
 * push the pages of indexes out of the server's memory. Lanes go by line pointer: each page gives its share to each.
 */
export const denseLanes = 4;

/** Cuts stretches into ranges of the size asked for; several workers take from one. */
export function rangeCutter(ranges: readonly Range[]): (blocks: number) => Range | undefined {
  const rest = ranges.map((range) => ({ ...range }));
  return (blocks) => {
    const first = rest[0];
    if (first === undefined) return undefined;
    const to = Math.min(first.to, first.from + Math.max(1, Math.floor(blocks)));
    const range = { from: first.from, to };
    if (to === first.to) rest.shift();
    else first.from = to;
    return range;
  };
}

/**
 * Runs one worker's share: takes ranges until there are none. Each lane is a range behind the one before it, so that a
 * range rests for the time of a few batches: other sessions' snapshots must have moved on before the room that its old
 * versions leave can be used. The pages of each range are pruned in the same way, behind the last lane.
 */
export async function runTablePass(
  plan: TablePass,
  take: (blocks: number) => Range | undefined,
  runner: BatchRunner,
): Promise<void> {
  const turns = plan.lanes > 1 ? plan.lanes + 1 : 1;
  const recent: (Range | undefined)[] = [];
  for (let drained = 0; drained < turns;) {
    const next = drained > 0 ? undefined : take(runner.blocks() * plan.lanes);
    if (next === undefined) drained += 1;
    recent.unshift(next);
    for (const [turn, range] of recent.slice(0, turns).entries()) {
      if (runner.stopped()) return;
      if (range === undefined) continue;
      if (turn < plan.lanes)
        await runner.run({ range, lane: turn, lanes: plan.lanes, waitForLocks: plan.waitForLocks });
      else await runner.prunePages(range);
    }
    recent.length = Math.min(recent.length, turns);
  }
}
