import { readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { projectFolder } from "../launcher/project-folder";

/** Where the demo leaves the reports of its promotion, to be looked at: a folder that git does not see. */
const folder = join(projectFolder, ".cache", "demo");

/** The report of a promotion, as a page and for a CI job's summary. */
export class Reports {
  private readonly files = { html: join(folder, "promotion.html"), markdown: join(folder, "promotion.md") };

  /** Those of an earlier demo go first. */
  constructor() {
    for (const file of Object.values(this.files)) rmSync(file, { force: true });
  }

  /** The runner's options for them. */
  get options(): readonly string[] {
    return ["--report", this.files.html, "--summary", this.files.markdown];
  }

  /** Where they are, from the project folder. */
  get paths(): { readonly html: string; readonly markdown: string } {
    const { html, markdown } = this.files;
    return { html: relative(projectFolder, html), markdown: relative(projectFolder, markdown) };
  }

  /** Whether both are there, name all of the stacks, and hold no wallet's key and none of the passwords. */
  fit(stacks: readonly string[], passwords: readonly string[]): boolean {
    return Object.values(this.files).every((file) => {
      const text = contentOf(file);
      const key = /0x[\da-f]{64}|[\da-f]{64}x0/;
      return (
        stacks.every((stack) => text.includes(stack)) &&
        !key.test(text) &&
        !passwords.some((password) => text.includes(password))
      );
    });
  }
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
