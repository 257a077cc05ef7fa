import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";

const folder = join(__dirname, "..", "..");
const read = (name: string): string => readFileSync(join(folder, name), "utf8");
const resources = ["unique-constraint", "view", "key-transfer"];

test("every path that CONTRIBUTING.md gives for a question exists", () => {
  const section = /\n## Where is it\?\n(.*?)\n## /s.exec(read("CONTRIBUTING.md"))?.[1] ?? "";
  const rows = [...section.matchAll(/^\| ([^|]*) \| ([^|]*`[^|]*) \| ([^|]*`[^|]*) \|$/gm)];
  assert.equal(rows.filter(([, question]) => question?.includes("?")).length, 11);
  const named = (cell = ""): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
  for (const [, , folders, files] of rows)
    for (const path of named(folders).flatMap((parent) => named(files).map((file) => parent + file)))
      for (const resource of path.includes("<resource>") ? resources : [""])
        assert.ok(existsSync(join(folder, path.replace("<resource>", resource))), `${path} ${resource}`);
});

const documents = ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "SECURITY.md", "CHANGELOG.md"].concat(
  readdirSync(join(folder, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
);

for (const document of documents)
  test(`every link in ${document} to another file leads to one`, () => {
    for (const [link, target = ""] of read(document).matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g))
      assert.ok(existsSync(join(folder, dirname(document), target)), link);
  });
