import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { writeDocument } from "../../testing/document";

const folder = mkdtempSync(join(tmpdir(), "wallet-vault-document-"));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, "docs"));
const page = join(folder, "docs", "page.md");

const [begin, end] = ["<!-- begin: written by --write -->", "<!-- end: written by --write -->"];

test("a page that is written anew keeps what a person wrote, and nothing of the run before", async () => {
  const text = (measured: string) =>
    `# A page\n\nSlow: $1 and $& are no patterns.\n\n${begin}\n\n${measured}\n\n${end}\n\nThe end.\n`;
  writeFileSync(page, text(""));
  for (const run of ["one", "two: $1 and $&", "three"]) {
    assert.equal(await writeDocument("docs/page.md", `Run ${run}.`, folder), "docs/page.md");
    assert.equal(readFileSync(page, "utf8"), text(`Run ${run}.`));
  }
});

test("a page without a place for what a run writes is left alone", async () => {
  writeFileSync(page, "# Another page\n");
  await assert.rejects(writeDocument("docs/page.md", "Run one.", folder), /docs\/page.md has no place/);
  assert.equal(readFileSync(page, "utf8"), "# Another page\n");
});

test("the pages that a run writes have a place for it, and say only what was run", () => {
  for (const name of ["benchmarks.md", "crash-matrix.md"]) {
    const text = readFileSync(join(__dirname, "..", "..", "docs", name), "utf8");
    assert.equal(text.split(begin).length, 2, name);
    assert.equal(text.split(end).length, 2, name);
  }
  const crash = readFileSync(join(__dirname, "..", "..", "docs", "crash-matrix.md"), "utf8");
  assert.equal(/--rounds 0/.test(crash), !/is killed, at every step/.test(crash));
});
