import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Wallets, walletsIn } from "./components/key-transfer/wallets";
import { WalletVaultError } from "./components/postgres/errors";

/** The program: all that decides its behaviour, besides its configuration; tsx, which runs it, obeys package.json and tsconfig.json. */
export const sources: readonly string[] = [
  "index.ts",
  "configuration.ts",
  "revision.ts",
  "components",
  "Pulumi.yaml",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
];

/** Files that Node.js, tsx or this program can load; others that lie about, an editor's for one, change nothing. */
const loadable = /\.([cm]?[jt]sx?|json|node|wasm|sql)$/;

/** What could be loaded in place of one of the files beside index.ts: `configuration.js`. */
const shadow = /^(index|configuration|revision)\.([cm]?[jt]sx?|json|node|wasm)$/;

/** Settings of npm that bring code of their own into `npm run`. Others may hold a token, and differ between machines. */
const decisive = /^\s*(node-options|script-shell)\b.*$/gm;

/**
 * A digest of the program and of the configuration that changes what a transfer means: the same on every machine for
 * the same content, another one as soon as a byte of it changes. Line ends do not count, since git may change them.
 *
 * Covered: the files of `sources`, all that can be loaded below components/, what could be loaded in place of a file
 * beside index.ts, and node-options and script-shell of the project's .npmrc. Not covered: node_modules, which
 * package-lock.json pins; launcher/, pulumi-cli/ and promotion/, which start the program and are not loaded by it; Node.js, the CLI, and
 * the environment (NODE_OPTIONS).
 *
 * @param folder the program's folder
 * @returns 64 hexadecimal digits (SHA-256, FIPS 180-4)
 * @throws WalletVaultError ERR_CONFIGURATION for a folder below components/ that would hide what is covered
 */
export function revisionOf(folder: string, wallets: Wallets): string {
  const digest = createHash("sha256");
  const add = (name: string, content: Buffer) =>
    digest.update(`${JSON.stringify(name)} ${content.length}\n`).update(content);
  const files = new Set([...sources.flatMap((source) => filesBelow(folder, source)), ...shadows(folder)]);
  for (const file of [...files].toSorted()) add(file, contentOf(join(folder, file)));
  const npm = npmSettings(folder);
  if (npm !== "") add(".npmrc", Buffer.from(npm));
  digest.update(JSON.stringify(Object.values(walletsIn(wallets))));
  return digest.digest("hex");
}

/** Byte for byte, but for line ends. */
const contentOf = (path: string): Buffer =>
  Buffer.from(readFileSync(path, "latin1").replaceAll("\r\n", "\n"), "latin1");

/** Paths with forward slashes, relative to `folder`. */
function filesBelow(folder: string, path: string): string[] {
  if (sources.includes(path) && /\.\w+$/.test(path)) return [path];
  return readdirSync(join(folder, path), { withFileTypes: true }).flatMap((entry) => {
    const inside = `${path}/${entry.name}`;
    // Modules are looked for there first: another `pg` would read every key.
    if (entry.name === "node_modules") throw refused(inside, "is a place where Node.js looks for modules first");
    if (entry.isDirectory()) return filesBelow(folder, inside);
    if (loadable.test(entry.name)) return [inside];
    if (entry.isSymbolicLink()) throw refused(inside, "is a link, and what is behind it may be loaded unseen");
    return [];
  });
}

const refused = (path: string, why: string): WalletVaultError =>
  new WalletVaultError(
    "ERR_CONFIGURATION",
    `${path} in the folder of the program ${why}: the revision, which a promotion compares, would not tell.`,
    "Remove it.",
  );

const shadows = (folder: string): string[] => readdirSync(folder).filter((name) => shadow.test(name));

function npmSettings(folder: string): string {
  const file = join(folder, ".npmrc");
  if (!existsSync(file)) return "";
  return [...readFileSync(file, "utf8").matchAll(decisive)].map(([line]) => line.trim()).join("\n");
}
