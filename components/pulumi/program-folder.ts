import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";

/**
 * The path of one of this package's files from the folder of the program that runs: for this package's own program the
 * path itself; for another that has the package in node_modules, `./node_modules/wallet-vault/…`; else, as where the
 * package is checked out beside it, `./../wallet-vault/…`.
 *
 * The state keeps it for as long as the resource does not change. So what node_modules links to, a store of versions or
 * another folder, is not followed.
 *
 * @param path begins with `./`
 */
export function fromProgramFolder(path: string, program = process.cwd()): string {
  const home = dirname(require.resolve("wallet-vault/package.json"));
  const installed = (createRequire(join(program, "_")).resolve.paths("wallet-vault") ?? []).map((folder) =>
    join(folder, "wallet-vault"),
  );
  const file = realpathSync(join(home, path));
  const isIt = (folder: string) => existsSync(join(folder, path)) && realpathSync(join(folder, path)) === file;
  const place = [program, ...installed].find(isIt) ?? home;
  return `./${relative(program, join(place, path))}`;
}
