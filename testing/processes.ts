import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";

/** Sends a signal; false if there is no such process any more. A negative pid means a process group. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** The processes whose parent is `pid`, without those that only wait to be collected (zombies). */
export function childrenOf(pid: number): number[] {
  return table().flatMap((row) => (row.parent === pid && !row.zombie ? [row.pid] : []));
}

/** Those of `pids` that still run. */
export function running(pids: readonly number[]): number[] {
  const live = new Set(table().flatMap((row) => (row.zombie ? [] : [row.pid])));
  return pids.filter((pid) => live.has(pid));
}

/** Blocks this whole process, for the end of it, where the event loop does not run any more. */
export function sleepSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

interface Row {
  readonly pid: number;
  readonly parent: number;
  readonly zombie: boolean;
}

function table(): Row[] {
  // Slim container images have no ps.
  return process.platform === "linux" ? fromProc() : fromPs();
}

function fromProc(): Row[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        // pid (name, which may hold spaces and parentheses) state parent …
        const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return [{ pid: Number(name), parent: Number(parent), zombie: state === "Z" || state === "X" }];
      } catch {
        return []; // It ended in the meantime.
      }
    });
}

function fromPs(): Row[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat="], { encoding: "utf8" }).trim().split("\n");
  return lines.map((line) => {
    const [pid, parent, state] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), zombie: state?.startsWith("Z") ?? false };
  });
}
