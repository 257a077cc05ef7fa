import assert from "node:assert/strict";
import { test } from "node:test";
import { paceFor } from "../../components/key-transfer/pace";

const blocks = { ms: 50, first: 8, most: 512 };

test("batches settle where they take about the time aimed at", () => {
  for (const msPerBlock of [0.05, 0.5, 2, 8]) {
    const pace = paceFor(blocks);
    for (let n = 0; n < 50; n += 1) pace.took(pace.size(), pace.size() * msPerBlock);
    const settled = pace.size() * msPerBlock;
    const most = Math.min(50, 512 * msPerBlock);
    assert.ok(settled <= most * 1.1 && settled >= most / 1.1, `${settled} ms at ${msPerBlock} ms a block`);
  }
});

test("batches stay of a size where each was cut several batches before it is run, as the lanes of a sweep do", () => {
  for (const late of [1, 4, 8, 20]) {
    const pace = paceFor(blocks);
    const cut = Array.from({ length: late }, () => pace.size());
    const times: number[] = [];
    for (let n = 0; n < 400; n += 1) {
      cut.push(pace.size());
      const size = cut.shift() ?? 0;
      // Every fifth takes twice as long, every seventh half.
      const ms = size * 0.4 * (n % 5 === 0 ? 2 : 1) * (n % 7 === 0 ? 0.5 : 1);
      pace.took(size, ms);
      times.push(ms);
    }
    const settled = times.slice(100);
    assert.ok(Math.max(...settled) <= 110, `${late} late: at most ${Math.max(...settled)} ms`);
    const mean = settled.reduce((sum, ms) => sum + ms, 0) / settled.length;
    assert.ok(mean >= 40 && mean <= 60, `${late} late: ${mean} ms on average`);
  }
});

test("a batch is at least of size one and at most as large as it may be, whatever it took", () => {
  const pace = paceFor({ ...blocks, ms: 5 });
  for (let n = 0; n < 50; n += 1) pace.took(pace.size(), 100_000);
  assert.equal(pace.size(), 1);
  for (let n = 0; n < 50; n += 1) pace.shrink();
  assert.equal(pace.size(), 1);
  for (let n = 0; n < 50; n += 1) pace.took(pace.size(), 0);
  assert.equal(pace.size(), 512);
});

test("trouble halves the next batch, and one fast batch does not make it more than half again as large", () => {
  const pace = paceFor(blocks);
  const first = pace.size();
  pace.shrink();
  assert.equal(pace.size(), first / 2);
  for (const before of [pace.size(), 100]) {
    while (pace.size() < before) pace.took(pace.size(), 0);
    const size = pace.size();
    pace.took(size, 0);
    assert.ok(pace.size() > size && pace.size() <= size * 1.5, `${size}, then ${pace.size()}`);
  }
});

test("one batch that stood still does not make the next ones a fraction of what they were", () => {
  const pace = paceFor(blocks);
  for (let n = 0; n < 50; n += 1) pace.took(pace.size(), pace.size() * 0.5);
  pace.took(pace.size(), 60_000);
  assert.ok(pace.size() >= 50, `${pace.size()} blocks of 100`);
});
