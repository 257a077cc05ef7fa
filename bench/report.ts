import { availableParallelism } from "node:os";
import { writeDocument } from "../testing/document";
import type { Options } from "./options";

/** Writes the tables of a run into docs/benchmarks.md, and returns its name. */
export function writeReport(options: Options, tables: readonly string[]): Promise<string> {
  const { wallets, major, only, runs } = options;
  const command = `npm run bench -- --wallets ${wallets} --major ${major} --only ${only.join(",")} --runs ${runs} --write`;
  const place = `PostgreSQL ${major}, ${availableParallelism()} cores, measured by`;
  return writeDocument("docs/benchmarks.md", [place, `    ${command}`, ...tables].join("\n\n"));
}
