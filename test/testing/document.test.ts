import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { placeOfNotes, writeDocument } from "../../testing/document";

const folder = mkdtempSync(join(tmpdir(), "wallet-vault-document-"));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, "docs"));
const page = join(folder, "docs", "page.md");

test("a page that is written anew keeps the notes of a person, and nothing else", async () => {
  const text = (run: string) => `# A page\n\nRun ${run}.\n\n${placeOfNotes}\n\nThe end of run ${run}.\n`;
  await writeDocument("docs/page.md", text("one"), folder);
  const written = readFileSync(page, "utf8");
  assert.equal(written, text("one"));
  const note = "Run one was slow: $1 and $& are no patterns.";
  writeFileSync(
    page,
    written.replace("\n\n<!-- end", () => `\n\n${note}\n\n<!-- end`),
  );
  for (const run of ["two", "three"]) {
    await writeDocument("docs/page.md", text(run), folder);
    const now = readFileSync(page, "utf8");
    assert.equal(now.split(note).length, 2);
    assert.equal(now.replace(`${note}\n\n`, ""), text(run));
  }
});

test("the pages that a run writes have a place for notes, and say only what was run", () => {
  for (const name of ["benchmarks.md", "crash-matrix.md"]) {
    const text = readFileSync(join(__dirname, "..", "..", "docs", name), "utf8");
    assert.match(text, /<!-- notes: kept by --write -->[^]*<!-- end of notes -->/);
  }
  const crash = readFileSync(join(__dirname, "..", "..", "docs", "crash-matrix.md"), "utf8");
  assert.equal(/--rounds 0/.test(crash), !/is killed, at every step/.test(crash));
});
