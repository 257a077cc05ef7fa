import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";
import { projectFolder } from "../launcher/project-folder";

/** Where the part of a page begins and ends that a run writes. All else of the page is a person's. */
const [begin, end] = ["<!-- begin: written by --write -->", "<!-- end: written by --write -->"];

/**
 * Writes the part of a page of docs/ that a run measured, in the format that the project's checks ask for, and returns the
 * page's name. What a person wrote around it stays.
 */
export async function writeDocument(name: string, measured: string, folder = projectFolder): Promise<string> {
  const path = join(folder, name);
  const [before, rest] = (await readFile(path, "utf8")).split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`${name} has no place for what was measured: ${begin} and ${end}.`);
  const page = [before, begin, `\n\n${measured}\n\n`, end, after].join("");
  await writeFile(path, await format(page, { parser: "markdown", printWidth: 120 }));
  return name;
}
