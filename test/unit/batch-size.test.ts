import assert from "node:assert/strict";
import { test } from "node:test";
import { batchSizeFor } from "../../components/batches/batch-size";

const blocks = { ms: 50, first: 8, most: 512 };

test("batches settle where they take about the time aimed at", () => {
  for (const msPerBlock of [0.05, 0.5, 2, 8]) {
    const batchSize = batchSizeFor(blocks);
    for (let n = 0; n < 50; n += 1) batchSize.record(batchSize.size(), batchSize.size() * msPerBlock);
    const settled = batchSize.size() * msPerBlock;
    const most = Math.min(50, 512 * msPerBlock);
    assert.ok(settled <= most * 1.1 && settled >= most / 1.1, `${settled} ms at ${msPerBlock} ms a block`);
  }
});

test("batches stay of a size where each was cut several batches before it is run, as the lanes of a pass do", () => {
  for (const late of [1, 4, 8, 20]) {
    const batchSize = batchSizeFor(blocks);
    const cut = Array.from({ length: late }, () => batchSize.size());
    const times: number[] = [];
    for (let n = 0; n < 400; n += 1) {
      cut.push(batchSize.size());
      const size = cut.shift() ?? 0;
      // Every fifth takes twice as long, every seventh half.
      const ms = size * 0.4 * (n % 5 === 0 ? 2 : 1) * (n % 7 === 0 ? 0.5 : 1);
      batchSize.record(size, ms);
      times.push(ms);
    }
    const settled = times.slice(100);
    assert.ok(Math.max(...settled) <= 110, `${late} late: at most ${Math.max(...settled)} ms`);
    const mean = settled.reduce((sum, ms) => sum + ms, 0) / settled.length;
    assert.ok(mean >= 40 && mean <= 60, `${late} late: ${mean} ms on average`);
  }
});

test("a batch is at least of size one and at most as large as it may be, whatever it took", () => {
  const batchSize = batchSizeFor({ ...blocks, ms: 5 });
  for (let n = 0; n < 50; n += 1) batchSize.record(batchSize.size(), 100_000);
  assert.equal(batchSize.size(), 1);
  for (let n = 0; n < 50; n += 1) batchSize.halve();
  assert.equal(batchSize.size(), 1);
  for (let n = 0; n < 50; n += 1) batchSize.record(batchSize.size(), 0);
  assert.equal(batchSize.size(), 512);
});

test("trouble halves the next batch, and one fast batch does not make it more than half again as large", () => {
  const batchSize = batchSizeFor(blocks);
  const first = batchSize.size();
  batchSize.halve();
  assert.equal(batchSize.size(), first / 2);
  for (const before of [batchSize.size(), 100]) {
    while (batchSize.size() < before) batchSize.record(batchSize.size(), 0);
    const size = batchSize.size();
    batchSize.record(size, 0);
    assert.ok(batchSize.size() > size && batchSize.size() <= size * 1.5, `${size}, then ${batchSize.size()}`);
  }
});

test("one batch that stood still does not make the next ones a fraction of what they were", () => {
  const batchSize = batchSizeFor(blocks);
  for (let n = 0; n < 50; n += 1) batchSize.record(batchSize.size(), batchSize.size() * 0.5);
  batchSize.record(batchSize.size(), 60_000);
  assert.ok(batchSize.size() >= 50, `${batchSize.size()} blocks of 100`);
});
