import { execFileSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

/** The Pulumi CLI that started this provider. */
export interface RunningCli {
  readonly executable: string;
  readonly args: readonly string[];
  readonly folder: string;
}

interface Process {
  readonly parent: number;
  readonly words: readonly string[];
}

/** Between a provider and its CLI there is a shell or two. */
const furthest = 5;

/** Undefined where it cannot be found: no such process, or a system that tells nothing of it. */
export function runningCli(): RunningCli | undefined {
  let pid = process.ppid;
  for (let steps = 0; steps < furthest && pid > 1; steps += 1) {
    const found = process.platform === "linux" ? fromProc(pid) : fromPs(pid);
    if (found === undefined) return undefined;
    const [program = "", ...args] = found.words;
    if (/^pulumi(\.exe)?$/.test(basename(program))) {
      return { executable: linkOf(pid, "exe") ?? program, args, folder: linkOf(pid, "cwd") ?? process.cwd() };
    }
    pid = found.parent;
  }
  return undefined;
}

/**
 * True for `refresh` and `destroy`, which run the program where they are told to (--run-program), and only to learn of its
 * configuration: nothing is deployed that would have to be proven first, or judged afterwards. False wherever that is in
 * doubt.
 */
export function onlyReadsOrDestroys(cli = runningCli()): boolean {
  const harmless = /^--(non-interactive|logtostderr|logflow|disable-integrity-checking|[\w-]+=.*)$/;
  const command = cli?.args.find((arg) => !harmless.test(arg));
  return ["refresh", "destroy", "down", "dn"].includes(command ?? "");
}

function fromProc(pid: number): Process | undefined {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, -1);
    // The name of the program, in parentheses, may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\)/s, "").trim().split(" ");
    return { parent: Number(fields[1]), words };
  } catch {
    return undefined;
  }
}

function fromPs(pid: number): Process | undefined {
  try {
    const line = execFileSync("ps", ["-o", "ppid=,command=", "-p", String(pid)], { encoding: "utf8", stdio: "pipe" });
    const [parent, ...words] = line.trim().split(/\s+/);
    return { parent: Number(parent), words };
  } catch {
    return undefined;
  }
}

function linkOf(pid: number, name: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/${name}`);
  } catch {
    return undefined;
  }
}
