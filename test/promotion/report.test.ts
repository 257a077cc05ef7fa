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

/** The words of a report in the order in which it tells them, without its markup. */
function wordsOf(report: string): string {
  const plain = report
    .replace(/<style>.*?<\/style>|<head>.*?<\/head>/gs, " ")
    .replace(/<[^>]*>/g, " ")
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
  return plain
    .replace(/[|*#]+/g, " ")
    .replace(/\s-+(?=\s)/g, " ")
    .replace(/\s+/g, " ");
}

const wallet = (credentialId: string, state: "missingKey" | "conflict", advice: string) => ({
  credentialId,
  state,
  advice,
});
const partly = stageReport("prod", "failed", {
  states: counts({ stored: 13_500, missingKey: 482, conflict: 3 }),
  receipt: { ...receipt, status: "attention", accepted: ["conflict:3"], attentionAccepted: false },
  attention: [
    wallet("c1", "conflict", "Find out."),
    wallet("m1", "missingKey", "Restore it."),
    wallet("m2", "missingKey", "Restore it. Not listed here: 480 missingKey, 2 conflict."),
  ],
});

test("wallets that a person has accepted stand apart, and what is not listed is counted", () => {
  for (const report of [htmlReport(promotionOf([partly])), markdownReport(promotionOf([partly]))]) {
    const words = wordsOf(report);
    const [needs, accepted] = [words.indexOf("What needs a person"), words.indexOf("What a person has accepted")];
    assert.ok(needs > 0 && accepted > needs);
    const [first, second] = [words.slice(needs, accepted), words.slice(accepted)];
    assert.match(first, /m1 .*m2 missing key Restore it\. and 480 more: 480 missing key/);
    assert.doesNotMatch(first, /c1|conflict|Not listed/);
    assert.match(second, /c1 conflict Find out\. and 2 more: 2 conflict/);
    assert.doesNotMatch(second, /m1|m2/);
  }
  const all = {
    ...receipt,
    status: "attention" as const,
    accepted: ["missingKey:482", "conflict:3"],
    attentionAccepted: true,
  };
  const through = markdownReport(promotionOf([{ ...partly, result: "promoted", receipt: all }]));
  assert.ok(!through.includes("What needs a person"), "nobody is needed");
});

test("Markdown and HTML tell the same, in the same words, numbers and dates", () => {
  const report = promotionOf([partly], ...richPromotion.waves.map((wave) => [...wave]));
  const [page, text] = [wordsOf(htmlReport(report)), wordsOf(markdownReport(report))];
  for (const said of [
    "7 environments, 3 min 12 s, begun 2026-03-10 12:00 UTC",
    "12,840 keys moved",
    "212 placeholders replaced",
    "13,500 stored",
    "482 missing key",
    "204 conflict",
    "and 480 more: 480 missing key",
    "13,988 of 14,000 wallets compared with their source",
    "2026-03-10 12:01 UTC",
    receipt.revision,
    "What a person has accepted",
  ])
    for (const [name, words] of [
      ["HTML", page],
      ["Markdown", text],
    ])
      assert.ok(words?.includes(said), `${name}: ${said}`);
  for (const words of [page, text])
    assert.doesNotMatch(words, /\d{4}-\d\d-\d\dT|missingKey (?!:)| \d{4,} /, "no other form");
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
