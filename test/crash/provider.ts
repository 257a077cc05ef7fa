import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { forTypeScript } from "../../launcher/project-folder";
import { readResult, type Told } from "./child";

const folder = join(__dirname, "..", "..");
/** A run that takes longer hangs, and that is a failure; one on a busy machine takes a fraction of it. Milliseconds. */
const patienceMs = 10 * 60_000;

/** How a process ended: by itself, with what it told, or by our kill. */
export type Ending = Told | { readonly killed: true };

/** A process that deploys to a database. Loading its modules takes most of a second, so one is always kept ready. */
export class Provider {
  private static spare: Provider | undefined;
  private readonly process: ChildProcess;
  private readonly ready: Promise<void>;
  private readonly ended: Promise<Ending>;

  /** A process that has loaded everything and waits for its database. */
  static async next(): Promise<Provider> {
    const provider = Provider.spare ?? new Provider();
    Provider.spare = new Provider();
    await provider.ready;
    return provider;
  }

  /** Ends the one that is kept ready. */
  static async retire(): Promise<void> {
    const provider = Provider.spare;
    Provider.spare = undefined;
    provider?.kill();
    await provider?.ended;
  }

  private constructor() {
    const child = spawn(process.execPath, [...forTypeScript, join(__dirname, "child.ts")], {
      cwd: folder,
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.process = child;
    child.stdin.on("error", () => undefined);
    let last: Told | undefined;
    const { promise, resolve } = deferred<void>();
    this.ready = promise;
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (line === "ready") resolve();
      last = readResult(line) ?? last;
    });
    this.ended = new Promise((done) => {
      child.once("close", (code, signal) => {
        resolve();
        const silent = {
          ok: false,
          code: "NO_RESULT",
          message: `it ended with ${signal ?? `exit code ${code}`}`,
        } as const;
        done(last ?? (signal === "SIGKILL" ? { killed: true } : silent));
      });
    });
  }

  go(databaseUrl: string): void {
    this.process.stdin?.end(`${databaseUrl}\n`);
  }

  /** kill -9: it gets to finish nothing. */
  kill(): void {
    this.process.kill("SIGKILL");
  }

  /** Waits until it has ended; one that does not is killed and reported. */
  async ending(): Promise<Ending> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.kill();
    }, patienceMs);
    const ending = await this.ended;
    clearTimeout(timer);
    return late ? { ok: false, code: "HANGS", message: `it had not ended after ${patienceMs / 1000} s` } : ending;
  }

  get running(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}
