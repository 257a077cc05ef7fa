import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { rangeCutter, runTablePass } from "../../components/batches/table-pass";
import type { BatchPlan } from "../../components/batches/batch-plan";

const stretches = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 200 })), { maxLength: 6 })
  .map((gaps) => {
    let at = 0;
    return gaps.map(([gap, length]) => ({ from: (at += gap), to: (at += length) }));
  });

const blocksOf = (ranges: readonly { from: number; to: number }[]): number[] =>
  ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, n) => from + n));

test("cutting stretches leaves out no block and takes none twice, whatever the sizes", () => {
  fc.assert(
    fc.property(stretches, fc.infiniteStream(fc.double({ min: 0, max: 60, noNaN: true })), (ranges, sizes) => {
      const take = rangeCutter(ranges);
      const taken = [];
      for (let range = take(sizes.next().value); range !== undefined; range = take(sizes.next().value))
        taken.push(range);
      assert.deepEqual(blocksOf(taken), blocksOf(ranges));
    }),
  );
});

test("workers of a pass together run every block in every lane exactly once", async () => {
  const property = fc.asyncProperty(
    stretches,
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 4 }),
    async (ranges, lanes, workers) => {
      const ran: BatchPlan[] = [];
      const pruned: BatchPlan["range"][] = [];
      const take = rangeCutter(ranges);
      const runner = {
        blocks: () => 7,
        stopped: () => false,
        run: async (plan: BatchPlan) => void ran.push(plan),
        prunePages: async (range: BatchPlan["range"]) => {
          const before = ran.filter((plan) => plan.range === range);
          assert.equal(before.length, lanes, "all lanes are done with it");
          pruned.push(range);
        },
      };
      await Promise.all(
        Array.from({ length: workers }, () => runTablePass({ ranges, lanes, waitForLocks: false }, take, runner)),
      );
      for (let lane = 0; lane < lanes; lane += 1) {
        const blocks = blocksOf(ran.filter((plan) => plan.lane === lane).map(({ range }) => range));
        assert.deepEqual(
          blocks.toSorted((a, b) => a - b),
          blocksOf(ranges),
        );
      }
      assert.deepEqual(
        blocksOf(pruned).toSorted((a, b) => a - b),
        lanes > 1 ? blocksOf(ranges) : [],
      );
    },
  );
  await fc.assert(property);
});

test("a pass that is stopped begins no further batch", async () => {
  let runs = 0;
  const runner = {
    blocks: () => 1,
    stopped: () => runs >= 3,
    run: async () => void (runs += 1),
    prunePages: async () => undefined,
  };
  const ranges = [{ from: 0, to: 100 }];
  await runTablePass({ ranges, lanes: 3, waitForLocks: false }, rangeCutter(ranges), runner);
  assert.equal(runs, 3);
});
