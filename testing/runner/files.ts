import { readdirSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { projectFolder } from "../../launcher/project-folder";

/** What fails fast runs first. */
const first = "test/unit/";
/**
 * What takes longest runs next, the longest first, so that at the end no core waits for one long file. Measured; a file
 * that is not here runs in the order of its name, which costs time and nothing else.
 */
const long = [
  "test/end-to-end/promotion.test",
  "test/crash/crash-matrix",
  "test/end-to-end/strict",
  "test/end-to-end/lifecycle",
  "test/key-transfer/model",
  "test/end-to-end/",
  "test/promotion/browser",
  "test/testing/",
  "test/pulumi-cli/",
  "test/launcher/",
];
/** What deploys with the CLI. */
const deploying = "test/end-to-end/";

/** What tells in less than a minute whether a change is worth a whole run: no deployment, no crash, and the basics of the transfer. */
const quick = [
  "test/unit/",
  "test/key-transfer/operations.test.ts",
  "test/key-transfer/states.test.ts",
  "test/view/create.test.ts",
];

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

/** The files of `npm run test:quick`. */
export const quickFiles = (): string[] => testFiles(quick);

function allTestFiles(): string[] {
  return readdirSync(join(projectFolder, "test"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".test.ts"))
    .map((entry) => relative(projectFolder, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

/** Whether running these files takes a Pulumi CLI. */
export function needPulumi(files: readonly string[]): boolean {
  return files.some((file) => file.startsWith(deploying));
}

function rank(file: string): number {
  if (file.startsWith(first)) return -1;
  const place = long.findIndex((start) => file.startsWith(start));
  return place < 0 ? long.length : place;
}
