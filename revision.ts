import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Wallets } from "./components/key-transfer/wallets";

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

/**
 * A digest of the program and of the configuration that changes what a transfer means: the same on every machine for
 * the same content, another one as soon as a byte of it changes. Line ends do not count, since git may change them.
 *
 * @param folder the program's folder
 * @returns 64 hexadecimal digits (SHA-256, FIPS 180-4)
 */
export function revisionOf(folder: string, wallets: Wallets): string {
  const digest = createHash("sha256");
  const parts = sources.flatMap((source) => filesBelow(folder, source)).toSorted();
  for (const file of parts) {
    const content = readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n");
    digest.update(`${JSON.stringify(file)} ${Buffer.byteLength(content)}\n`).update(content);
  }
  const { schema, credentialsTable, vaultTable, keyPaths, placeholders, credentialTypes } = wallets;
  digest.update(JSON.stringify([schema, credentialsTable, vaultTable, keyPaths, placeholders, credentialTypes]));
  return digest.digest("hex");
}

/** Paths with forward slashes, relative to `folder`. */
function filesBelow(folder: string, path: string): string[] {
  if (/\.\w+$/.test(path)) return [path];
  return readdirSync(join(folder, path), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? filesBelow(folder, `${path}/${entry.name}`)
      : /\.(ts|sql)$/.test(entry.name)
        ? [`${path}/${entry.name}`]
        : [],
  );
}
