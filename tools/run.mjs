// @ts-check
// The launcher behind every npm script: `node tools/run.mjs <script.ts> [arguments]`. It installs what is missing, so
// that any script works in a fresh clone, and then runs the TypeScript file. No dependencies: it runs before them.
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureDependencies } from "./dependencies.mjs";
import { inForeground } from "./foreground.mjs";

/** The oldest Node.js that every dependency supports. */
const oldest = [20, 19];
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [script, ...args] = process.argv.slice(2);

try {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1]))
    throw new Error(`Node.js ${oldest.join(".")} or later is needed; this is ${process.versions.node}.`);
  if (script === undefined) throw new Error("Usage: node tools/run.mjs <script.ts> [arguments]");
  await ensureDependencies(root);
  process.exitCode = await inForeground(process.execPath, ["--import", "tsx", resolve(root, script), ...args], {
    cwd: root,
  });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
