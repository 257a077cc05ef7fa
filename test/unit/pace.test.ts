import assert from "node:assert/strict";
import { test } from "node:test";
import { paceFor } from "../../components/key-transfer/pace";

test("batches settle where they take about half of the target", () => {
  for (const msPerBlock of [0.05, 0.5, 2, 8]) {
    const pace = paceFor(100);
    for (let n = 0; n < 50; n += 1) pace.took(pace.blocks(), pace.blocks() * msPerBlock);
    const settled = pace.blocks() * msPerBlock;
    const most = Math.min(50, 512 * msPerBlock);
    assert.ok(settled <= most * 1.1 && settled >= most / 1.1, `${settled} ms at ${msPerBlock} ms a block`);
  }
});

test("batches stay of a size where each was cut several batches before it is run, as the lanes of a sweep do", () => {
  for (const late of [1, 4, 8, 20]) {
    const pace = paceFor(100);
    const cut = Array.from({ length: late }, () => pace.blocks());
    const times: number[] = [];
    for (let n = 0; n < 400; n += 1) {
      cut.push(pace.blocks());
      const blocks = cut.shift() ?? 0;
      // Every fifth takes twice as long, every seventh half.
      const ms = blocks * 0.4 * (n % 5 === 0 ? 2 : 1) * (n % 7 === 0 ? 0.5 : 1);
      pace.took(blocks, ms);
      times.push(ms);
    }
    const settled = times.slice(100);
    assert.ok(Math.max(...settled) <= 110, `${late} late: at most ${Math.max(...settled)} ms`);
    const mean = settled.reduce((sum, ms) => sum + ms, 0) / settled.length;
    assert.ok(mean >= 40 && mean <= 60, `${late} late: ${mean} ms on average`);
  }
});

test("a batch has at least one block and at most 512, whatever it took", () => {
  const pace = paceFor(10);
  for (let n = 0; n < 50; n += 1) pace.took(pace.blocks(), 100_000);
  assert.equal(pace.blocks(), 1);
  for (let n = 0; n < 50; n += 1) pace.shrink();
  assert.equal(pace.blocks(), 1);
  for (let n = 0; n < 50; n += 1) pace.took(pace.blocks(), 0);
  assert.equal(pace.blocks(), 512);
});

test("trouble halves the next batch, and one fast batch does not make it more than half again as large", () => {
  const pace = paceFor(100);
  const first = pace.blocks();
  pace.shrink();
  assert.equal(pace.blocks(), first / 2);
  for (const before of [pace.blocks(), 100]) {
    while (pace.blocks() < before) pace.took(pace.blocks(), 0);
    const blocks = pace.blocks();
    pace.took(blocks, 0);
    assert.ok(pace.blocks() > blocks && pace.blocks() <= blocks * 1.5, `${blocks}, then ${pace.blocks()}`);
  }
});

test("one batch that stood still does not make the next ones a fraction of what they were", () => {
  const pace = paceFor(100);
  for (let n = 0; n < 50; n += 1) pace.took(pace.blocks(), pace.blocks() * 0.5);
  pace.took(pace.blocks(), 60_000);
  assert.ok(pace.blocks() >= 50, `${pace.blocks()} blocks of 100`);
});
