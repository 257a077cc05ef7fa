import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { projectFolder } from "../engine/release";

/** What fails fast runs first; what takes a whole deployment runs last. */
const first = ["test/unit/", "test/tools/"];
const last = ["test/end-to-end/"];

/**
 * The test files (`test/**` + `/*.test.ts`), relative to the project folder, in the order to run them. With fragments:
 * only those whose path contains one of them.
 */
export function testFiles(fragments: readonly string[]): string[] {
  const wanted = fragments.map((fragment) => fragment.replace(/^\.\//, ""));
  return allTestFiles()
    .filter((file) => wanted.length === 0 || wanted.some((fragment) => file.includes(fragment)))
    .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

function allTestFiles(): string[] {
  return readdirSync(join(projectFolder, "test"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".test.ts"))
    .map((entry) => relative(projectFolder, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

/** Whether running these files takes a Pulumi CLI: the folders that run first do without. */
export function needPulumi(files: readonly string[]): boolean {
  return files.some((file) => last.some((folder) => file.startsWith(folder)));
}

function rank(file: string): number {
  const early = first.findIndex((folder) => file.startsWith(folder));
  if (early >= 0) return early;
  return first.length + (last.some((folder) => file.startsWith(folder)) ? 1 : 0);
}
