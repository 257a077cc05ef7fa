import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";

/** A process, told from a later one with its pid by what it runs. */
export interface Running {
  readonly pid: number;
  readonly command: string;
}

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
  return [...parents()].flatMap(([child, parent]) => (parent === pid ? [child] : []));
}

/** Those of `pids` that still run. */
export function running(pids: readonly number[]): number[] {
  const live = parents();
  return pids.filter((pid) => live.has(pid));
}

/** Everything that descends from a process, without itself. */
export function descendantsOf(ancestor: number): Running[] {
  const live = [...parents()];
  const family = [ancestor];
  for (const member of family) family.push(...live.flatMap(([pid, parent]) => (parent === member ? [pid] : [])));
  return family.slice(1).map((pid) => ({ pid, command: commandOf(pid) }));
}

/** kill -9 of those that are still there: a pid may belong to somebody else by now, so the command must be the same. */
export function killAll(known: readonly Running[]): void {
  for (const { pid, command } of known) if (commandOf(pid) === command) signal(pid, "SIGKILL");
}

/**
 * Ends a process and all it started, at once. The engine starts each plugin in a process group of its own, so a signal to
 * the CLI's group would leave providers behind that still talk to the database.
 */
export function killProcessTree(pid: number): void {
  // Stopped first, so that nobody starts another child meanwhile.
  const family = [pid];
  for (const member of family) {
    signal(member, "SIGSTOP");
    family.push(...childrenOf(member));
  }
  for (const member of family) signal(member, "SIGKILL");
}

/** The most memory that a process ever had, in MB, as Linux keeps it; 0 where it does not tell. */
export function peakMemoryMB(pid: number | "self"): number {
  try {
    return Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/**
 * The memory that processes have now, in MB: what they share is counted once (PSS), as Linux keeps it; 0 where it does not
 * tell.
 */
export function memoryMB(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    try {
      return sum + Number(/^Pss:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? 0) / 1024;
    } catch {
      return sum; // It ended in the meantime.
    }
  }, 0);
}

/** Blocks this whole process, for the end of it, where the event loop does not run any more. */
export function sleepSync(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

type Row = readonly [pid: number, parent: number, state: string];

/** The parent of each process, without zombies. */
function parents(): Map<number, number> {
  // Slim container images have no ps.
  const rows = process.platform === "linux" ? fromProc() : fromPs();
  return new Map(rows.flatMap(([pid, parent, state]) => (/^[ZX]/.test(state) ? [] : [[pid, parent]])));
}

function fromProc(): Row[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        // pid (name, which may hold spaces and parentheses) state parent …
        const [state = "", parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return [[Number(name), Number(parent), state] as const];
      } catch {
        return []; // It ended in the meantime.
      }
    });
}

function fromPs(): Row[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat="], { encoding: "utf8" }).trim().split("\n");
  return lines.map((line) => {
    const [pid, parent, state = ""] = line.trim().split(/\s+/);
    return [Number(pid), Number(parent), state];
  });
}

/** Empty where there is no such process. */
function commandOf(pid: number): string {
  try {
    if (process.platform === "linux") return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return "";
  }
}
