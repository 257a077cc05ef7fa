import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectFolder } from "../../launcher/project-folder";

const read = (...path: string[]): string => readFileSync(join(projectFolder, ...path), "utf8");

test("every error code is in the table of docs/errors.md once, with a meaning and what to do, and no other", () => {
  const union = /export type ErrorCode =\n([^;]*);/.exec(read("components", "postgres", "errors.ts"))?.[1] ?? "";
  const codes = [...union.matchAll(/"(ERR_\w+)"/g)].map(([, code]) => code);
  const rows = [...read("docs", "errors.md").matchAll(/^\| `(ERR_\w+)` +\| (.+?) +\| (.+?) +\|$/gm)];
  assert.ok(codes.length > 20, "the union was found");
  assert.deepEqual(rows.map(([, code]) => code).toSorted(), codes.toSorted());
  assert.match(read("README.md"), /\(docs\/errors\.md\)/);
});
