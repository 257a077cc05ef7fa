import { spawn } from "node:child_process";
import { constants } from "node:os";
import { createInterface } from "node:readline";
import { cleanUpAtExit, forget } from "./cleanup";
import { descendantsOf, killProcessTree, type Running } from "./processes";

export interface ChildOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** What it reads on standard input. */
  readonly input?: string;
  /** Told each line of standard output. */
  readonly out?: (line: string) => void;
  /** Told each line of standard error. */
  readonly err?: (line: string) => void;
}

export interface Finished {
  /** 128 and the signal's number if a signal ended it, as a shell would have it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. It is ended, with all it started, if this process ends first. */
export class Child {
  /** Rejects where it cannot be started, and never because of its exit code. */
  readonly ended: Promise<Finished>;
  /** What it has written so far. */
  stdout = "";
  stderr = "";
  private readonly child;

  constructor(command: string, args: readonly string[], { cwd, env, input = "", out, err }: ChildOptions) {
    // Its own group: Ctrl-C is for this process, which then ends the program and all it started.
    const child = spawn(command, args, { cwd, env, detached: true });
    this.child = child;
    cleanUpAtExit(child, () => this.killTree());
    child.stdin.on("error", () => undefined).end(input);
    child.stdout.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    if (out !== undefined) createInterface({ input: child.stdout }).on("line", out);
    if (err !== undefined) createInterface({ input: child.stderr }).on("line", err);
    this.ended = new Promise<Finished>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) =>
        resolve({ code: code ?? 128 + constants.signals[signal!], stdout: this.stdout, stderr: this.stderr }),
      );
    }).finally(() => forget(child));
  }

  /** Also its process group. Once it has ended, that may be somebody else's. */
  get pid(): number {
    if (this.child.pid === undefined) throw new Error("It could not be started.");
    return this.child.pid;
  }

  get runs(): boolean {
    return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** All processes at once, as when the machine of a CI job goes away. */
  killTree(): void {
    if (this.runs) killProcessTree(this.pid);
  }

  /** Everything it has started so far, without itself. */
  family(): Running[] {
    return this.runs ? descendantsOf(this.pid) : [];
  }
}

/** Runs a program to its end. */
export const runChild = (command: string, args: readonly string[], options: ChildOptions): Promise<Finished> =>
  new Child(command, args, options).ended;
