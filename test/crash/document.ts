import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";

/** Writes a page of docs/ in the format that the project's checks ask for, and returns its name. */
export async function writeDocument(name: string, markdown: string): Promise<string> {
  const folder = join(__dirname, "..", "..");
  await writeFile(join(folder, name), await format(markdown, { parser: "markdown", printWidth: 120 }));
  return name;
}
