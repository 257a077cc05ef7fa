import { join } from "node:path";

/** The folder of this project. */
export const projectFolder = join(__dirname, "..");

/**
 * Arguments of Node.js for a script of this project. `--import tsx` would start a thread for modules of a kind that there
 * are none of, and read all of Pulumi's SDK for syntax that Node.js may not know.
 */
export const forTypeScript = ["--require", join(projectFolder, "components", "pulumi", "typescript.cjs")];
