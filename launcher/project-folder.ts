import { join } from "node:path";

/** The folder of this project. */
export const projectFolder = join(__dirname, "..");
