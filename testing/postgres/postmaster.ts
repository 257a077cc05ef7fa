import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { childrenOf, running, signal, sleepSync } from "../processes";
import type { Account } from "./account";
import { serverEnvironment } from "./initdb";

/** For one that hangs. A busy machine may take a minute over what takes a second otherwise. */
const startSeconds = 300;
const stopSeconds = 300;

/** How to start a postmaster, the server's first process. */
export interface Launch {
  /** The installation: `bin`, `lib`, `share`. */
  readonly programs: string;
  readonly data: string;
  readonly logFile: string;
  readonly account: Account | undefined;
  readonly settings: Readonly<Record<string, string>>;
}

/** The port was taken by somebody else between the choice and the start. */
export class PortTaken extends Error {}

/** Who wants to know of a postmaster. After its end, by itself or not, the pid may become somebody else's. */
export interface Watcher {
  readonly started: (pid: number) => void;
  readonly ended: (pid: number) => void;
}

/** Starts a postmaster that outlives this process, and resolves when it accepts connections. */
export async function startPostmaster(launch: Launch, watcher: Watcher): Promise<void> {
  const seen = existsSync(launch.logFile) ? statSync(launch.logFile).size : 0;
  const settings = Object.entries(launch.settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const log = openSync(launch.logFile, "a", 0o600);
  const child = spawn(join(launch.programs, "bin", "postgres"), ["-D", launch.data, ...settings], {
    ...launch.account,
    cwd: launch.data,
    env: serverEnvironment(),
    detached: true,
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  child.unref();
  if (child.pid !== undefined) watcher.started(child.pid);
  let ended: string | undefined;
  child.once("error", (error) => (ended = error.message));
  child.once("exit", (code, name) => {
    ended = `it ended with ${name ?? `exit code ${code}`}`;
    if (child.pid !== undefined) watcher.ended(child.pid);
  });
  const deadline = Date.now() + startSeconds * 1000;
  while (!acceptsConnections(launch.data, child.pid)) {
    if (ended === undefined && Date.now() > deadline) {
      ended = `it was not ready after ${startSeconds} s`;
      if (child.pid !== undefined) await killPostmaster(child.pid);
    }
    if (ended !== undefined) throw failure(ended, readFileSync(launch.logFile).subarray(seen).toString());
    await pause(10);
  }
}

/** The file postmaster.pid holds the pid in its first line and "ready" in its eighth. After a crash it is a stale one. */
function acceptsConnections(data: string, pid: number | undefined): boolean {
  try {
    const lines = readFileSync(join(data, "postmaster.pid"), "utf8").split("\n");
    return Number(lines[0]) === pid && lines[7]?.trim() === "ready";
  } catch {
    return false;
  }
}

function failure(reason: string, log: string): Error {
  const tail = log.trimEnd().split("\n").slice(-20).join("\n");
  const message = `PostgreSQL did not start: ${reason}. Its log:\n${tail}`;
  return log.includes("Address already in use") ? new PortTaken(message) : new Error(message);
}

/** Stops the server, waits until it is gone. `fast` ends sessions and writes a checkpoint; `immediate` does not. */
export async function stopPostmaster(pid: number, mode: "fast" | "immediate"): Promise<void> {
  signal(pid, mode === "fast" ? "SIGINT" : "SIGQUIT");
  const deadline = Date.now() + stopSeconds * 1000;
  while (running([pid]).length > 0) {
    if (Date.now() > deadline) throw new Error(`PostgreSQL (pid ${pid}) did not stop within ${stopSeconds} s.`);
    await pause(10);
  }
}

/** A crash: every process of the server is killed at once; none gets to finish what it was doing. */
export async function killPostmaster(pid: number): Promise<void> {
  signal(pid, "SIGSTOP"); // So that it cannot start another child between the two lines below.
  const family = [pid, ...childrenOf(pid)];
  for (const member of family) signal(member, "SIGKILL");
  while (running(family).length > 0) await pause(5);
  // Dead is not enough: until Node.js has collected it, the next postmaster takes the pid in the lock file for a live one.
  for (let tries = 0; tries < 1_000 && exists(pid); tries += 1) await pause(5);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Stops the server without the event loop, for the end of this process. */
export function stopPostmasterSync(pid: number): void {
  const family = [pid, ...childrenOf(pid)];
  signal(pid, "SIGQUIT");
  const deadline = Date.now() + 7_000; // PostgreSQL itself kills, after 5 s, children that do not react.
  while (running(family).length > 0) {
    if (Date.now() > deadline) for (const member of family) signal(member, "SIGKILL");
    sleepSync(10);
  }
}
