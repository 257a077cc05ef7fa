// @ts-check
// The launcher behind every npm script: `node launcher/run.mjs <script.ts> [arguments]`. It installs what is missing, so
// that any script works in a fresh clone, and then runs the TypeScript file. No dependencies: it runs before them.
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureDependencies } from "./dependencies.mjs";
import { inForeground } from "./foreground.mjs";

/** Scripts that work on databases of the user's; the others start their own. */
const onUsersDatabases = ["pulumi-cli/pulumi.ts", "promotion/promote.ts"];
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const typeScript = resolve(root, "components/pulumi/typescript.cjs");
const [script, ...args] = process.argv.slice(2);

try {
  if (!supported(process.versions.node))
    throw new Error(`Node.js 20.19 or later of 20, or 22.12 or later, is needed; this is ${process.versions.node}.`);
  if (script === undefined) throw new Error("Usage: node launcher/run.mjs <script.ts> [arguments]");
  await ensureDependencies(root);
  process.exitCode = await inForeground(process.execPath, ["--require", typeScript, resolve(root, script), ...args], {
    cwd: root,
    env: onUsersDatabases.includes(script) ? process.env : withoutPostgresSettings(process.env),
  });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

/**
 * @param {string} version
 * @returns {boolean} whether every dependency supports it: `engines` in package.json
 */
function supported(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major === 20 ? minor >= 19 : major > 22 || (major === 22 && minor >= 12);
}

/**
 * What a shell sets for its psql (PGSSLMODE, PGHOST, …) would redirect the clients of a server of our own.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
function withoutPostgresSettings(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("PG")));
}
