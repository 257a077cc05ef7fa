import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { test } from "node:test";
import ts from "typescript";
import { projectFolder } from "../../pulumi-cli/release";

const folders = ["bench", "components", "demo", "fixtures", "launcher", "promotion", "pulumi-cli", "test", "testing"];
const files = [
  ...readdirSync(projectFolder),
  ...folders.flatMap((folder) =>
    readdirSync(join(projectFolder, folder), { recursive: true, encoding: "utf8" }).map((path) => join(folder, path)),
  ),
].filter((path) => /\.m?ts$/.test(path));

/** For each file those of ours that it imports, types included. */
const imports = new Map(
  files.map((file) => {
    const { importedFiles } = ts.preProcessFile(readFileSync(join(projectFolder, file), "utf8"));
    const paths = importedFiles.map(({ fileName }) => join(dirname(file), fileName).replace(/\.mjs$/, ".d"));
    return [file, files.filter((other) => paths.includes(other.replace(/\.m?ts$/, "")))];
  }),
);

/** The files that lead from a file back to itself; undefined where none do. */
function cycleFrom(file: string, path: readonly string[], done: Set<string>): readonly string[] | undefined {
  if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
  if (done.has(file)) return undefined;
  for (const next of imports.get(file) ?? []) {
    const cycle = cycleFrom(next, [...path, file], done);
    if (cycle !== undefined) return cycle;
  }
  done.add(file);
  return undefined;
}

test("no file imports itself by way of others, types included", () => {
  assert.ok(imports.get("index.ts")?.includes("components/wallet-vault.ts"), "imports are found");
  const done = new Set<string>();
  for (const file of files) assert.equal(cycleFrom(file, [], done)?.join(" -> "), undefined);
});

for (const [folder, others] of [
  ["components/batches", ["components/key-transfer", "components/unique-constraint", "components/view"]],
  ["components/postgres", ["components/batches", "components/key-transfer", "components/unique-constraint"]],
  ["components/unique-constraint", ["components/batches", "components/key-transfer", "components/view"]],
  ["components/view", ["components/batches", "components/key-transfer", "components/unique-constraint"]],
  ["components", ["promotion", "testing", "test"]],
  ["bench", ["test"]],
] as const)
  test(`${folder} imports nothing from ${others.join(", ")}`, () => {
    const within = [...imports].filter(([file]) => file.startsWith(`${folder}/`));
    assert.ok(within.length > 0);
    const crossing = within.flatMap(([file, to]) =>
      to.filter((path) => others.some((other) => path.startsWith(`${other}/`))).map((path) => `${file} -> ${path}`),
    );
    assert.deepEqual(crossing, []);
  });
