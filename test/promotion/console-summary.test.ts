import assert from "node:assert/strict";
import { test } from "node:test";
import { consoleSummary } from "../../promotion/console-summary";
import { promotionOf, receipt, stageReport } from "./sample";

const notStarted = { reason: "Not started, because b failed." };
const names = Array.from({ length: 30 }, (_, n) => `tenant-${n + 1}`);
const report = promotionOf([
  stageReport("a", "promoted"),
  stageReport("b", "failed", { receipt: { ...receipt, status: "attention" } }),
  ...names.map((name) => stageReport(name, "skipped", notStarted)),
]);

test("a reason that stands above is not told again, stages that share a result share their lines, and none is too wide", () => {
  const text = consoleSummary(report, { told: true, columns: 80 });
  assert.ok(!text.includes("b is failed."));
  assert.match(text, /^ {2}promoted {2}a\n {2}failed {2}b\n {2}skipped {2}tenant-1, tenant-2,/m);
  assert.equal(text.split("Not started").length, 2, "once for all of them");
  assert.match(text.replace(/\s+/g, " "), /tenant-30: Not started, because b failed\./);
  assert.match(text, /b stands at revision d5d04d779088, attention/);
  assert.ok(text.split("\n").every((line) => line.length <= 80));
});

test("where the reasons went elsewhere, each is told", () => {
  const text = consoleSummary(report, { told: false });
  for (const line of ["  a  promoted  a is promoted.", "  b  failed  b is failed."])
    assert.ok(text.split("\n").includes(line), line);
});

test("a promotion of nothing, because all got through before, does not claim that a stage is proven", () => {
  assert.match(consoleSummary(promotionOf(), { told: true }), /^Nothing to promote/);
});
