import { readdirSync, readFileSync } from "node:fs";

/** A running process, as /proc tells it. */
export interface Running {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Everything that descends from a process, without itself. Linux only, as kill -9 of a provider needs to find it. */
export function descendantsOf(ancestor: number): Running[] {
  const all = processes();
  const family = new Set([ancestor]);
  for (let before = 0; before !== family.size;) {
    before = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  return all.filter(({ pid }) => pid !== ancestor && family.has(pid));
}

/** kill -9 of those that are still there: a pid may belong to somebody else by now, so the command must be the same. */
export function killAll(known: readonly Running[]): void {
  const same = processes().filter(({ pid, command }) =>
    known.some((was) => was.pid === pid && was.command === command),
  );
  for (const { pid } of same) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended by itself.
    }
  }
}

function processes(): Running[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
        const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ");
        return [{ pid: Number(name), parent, command }];
      } catch {
        return [];
      }
    });
}
