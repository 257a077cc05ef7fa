import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { cleanUpAtExit, forget } from "./cleanup";
import { killProcessTree } from "./kill-process-tree";

export interface ChildOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** What it reads on standard input. */
  readonly input?: string;
  /** Told each line of standard output. */
  readonly out: (line: string) => void;
  /** Told each line of standard error. */
  readonly err: (line: string) => void;
}

/** Runs a program to its end, and ends it with all it started if this process ends first. Returns its exit code. */
export function runChild(command: string, args: readonly string[], options: ChildOptions): Promise<number | null> {
  const { cwd, env, input = "", out, err } = options;
  return new Promise((resolve, reject) => {
    // Its own group: Ctrl-C is for this process, which then ends the program and all it started.
    const child = spawn(command, args, { cwd, env, detached: true });
    cleanUpAtExit(child, () => killProcessTree(child.pid));
    child.stdin.on("error", () => undefined).end(input);
    createInterface({ input: child.stdout }).on("line", out);
    createInterface({ input: child.stderr }).on("line", err);
    child.once("error", (error) => {
      forget(child);
      reject(error);
    });
    child.once("close", (code) => {
      forget(child);
      resolve(code);
    });
  });
}
