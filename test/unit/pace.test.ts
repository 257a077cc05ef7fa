import assert from "node:assert/strict";
import { test } from "node:test";
import { paceFor } from "../../components/key-transfer/pace";

test("batches settle where they take about half of the target", () => {
  for (const msPerBlock of [0.05, 0.5, 2, 8]) {
    const pace = paceFor(100);
    for (let n = 0; n < 50; n += 1) pace.took(pace.blocks() * msPerBlock);
    const settled = pace.blocks() * msPerBlock;
    const most = Math.min(50, 512 * msPerBlock);
    assert.ok(settled <= most * 1.5 && settled >= most / 1.5, `${settled} ms at ${msPerBlock} ms a block`);
  }
});

test("a batch has at least one block and at most 512, whatever it took", () => {
  const pace = paceFor(10);
  for (let n = 0; n < 50; n += 1) pace.took(100_000);
  assert.equal(pace.blocks(), 1);
  for (let n = 0; n < 50; n += 1) pace.shrink();
  assert.equal(pace.blocks(), 1);
  for (let n = 0; n < 50; n += 1) pace.took(0);
  assert.equal(pace.blocks(), 512);
});

test("trouble halves the next batch, and one fast batch does not more than half again as much", () => {
  const pace = paceFor(100);
  const first = pace.blocks();
  pace.shrink();
  assert.equal(pace.blocks(), first / 2);
  pace.took(0);
  assert.equal(pace.blocks(), (first / 2) * 1.5);
});
