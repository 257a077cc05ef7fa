import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { projectFolder } from "../../launcher/project-folder";

export interface StaticCheck {
  readonly title: string;
  /** Path of the tool's JavaScript file below node_modules. */
  readonly tool: string;
  readonly args: readonly string[];
}

export const staticChecks: readonly StaticCheck[] = [
  { title: "Types", tool: "typescript/bin/tsc", args: ["--noEmit"] },
  { title: "Lint", tool: "oxlint/bin/oxlint", args: ["--deny-warnings"] },
  { title: "Format", tool: "prettier/bin/prettier.cjs", args: ["--check", "."] },
];

/** Runs the tool on the whole project and lets it speak for itself. Returns whether it is content. */
export function isClean(check: StaticCheck): boolean {
  const tool = join(projectFolder, "node_modules", check.tool);
  return spawnSync(process.execPath, [tool, ...check.args], { cwd: projectFolder, stdio: "inherit" }).status === 0;
}
