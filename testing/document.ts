import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";

/** Where a page's notes begin and end that a person wrote. Whoever writes the page anew leaves them alone. */
const [first, last] = ["<!-- notes: kept by --write -->", "<!-- end of notes -->"];

/** For the text of a page: the place of its notes. */
export const placeOfNotes = `${first}\n\n${last}`;

/**
 * Writes a page of docs/ in the format that the project's checks ask for, and returns its name. Notes that are in the page
 * stay, at the place that the text has for them.
 */
export async function writeDocument(name: string, markdown: string, folder = join(__dirname, "..")): Promise<string> {
  const path = join(folder, name);
  const before = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const notes = before.split(first)[1]?.split(last)[0];
  const page = notes === undefined ? markdown : markdown.replace(placeOfNotes, () => `${first}${notes}${last}`);
  await writeFile(path, await format(page, { parser: "markdown", printWidth: 120 }));
  return name;
}
