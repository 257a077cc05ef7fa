import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { writeReports } from "../../promotion/report/files";
import { htmlReport } from "../../promotion/report/html";
import { markdownReport } from "../../promotion/report/markdown";
import { counts, promotionOf, receipt, richPromotion, stageReport } from "./sample";

const nasty = `<img src=x onerror="alert(1)">|**bold** [a](b) \${x} 'q' \`c\``;
const hostile = promotionOf([
  stageReport(nasty, "failed", {
    reason: nasty,
    states: counts({ conflict: 1 }),
    receipt: { ...receipt, revision: nasty, at: nasty, accepted: [nasty] },
    attention: [{ credentialId: nasty, state: "conflict", advice: nasty }],
  }),
]);

test("nothing in the HTML comes alive", () => {
  const page = htmlReport(hostile);
  assert.ok(!page.includes("<img"));
  assert.ok(!page.includes('onerror="'));
  assert.ok(page.includes("&#60;img src=x onerror=&#34;alert(1)&#34;&#62;"));
  assert.doesNotMatch(page, /<script|<link|@import|url\(|https?:/, "nothing from elsewhere");
});

test("nothing in the Markdown comes alive, and no cell breaks its row", () => {
  const lines = markdownReport(hostile).split("\n");
  for (const line of lines) {
    assert.ok(!line.includes("<img") && !line.includes("**bold**") && !line.includes("${"), line);
    if (line.startsWith("|"))
      assert.ok([5, 7].includes(line.split("|").length - 1) || line.split("|").length === 5, line);
  }
});

test("both say how each environment stands, what moved, and what needs a person", () => {
  for (const text of [htmlReport(richPromotion), markdownReport(richPromotion)]) {
    for (const { stack, result } of richPromotion.waves.flat())
      assert.ok(text.includes(stack) && text.includes(result));
    for (const part of ["12,840", "0adcd9ed-327e-4f2e-802b-db54bdabcbf3", "Look at it.", "d5d04d779088", "41 s"])
      assert.ok(text.includes(part), part);
  }
});

test("the files that are asked for are written, and a job's summary is added to", () => {
  const folder = mkdtempSync(join(tmpdir(), "wallet-vault-report-"));
  try {
    const step = join(folder, "step.md");
    writeFileSync(step, "before\n");
    writeReports(richPromotion, { report: join(folder, "new", "a.html"), summary: join(folder, "a.md") }, step);
    assert.equal(readFileSync(join(folder, "new", "a.html"), "utf8"), htmlReport(richPromotion));
    assert.equal(readFileSync(join(folder, "a.md"), "utf8"), markdownReport(richPromotion));
    assert.equal(readFileSync(step, "utf8"), `before\n${markdownReport(richPromotion)}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
