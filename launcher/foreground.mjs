// @ts-check
import { spawn } from "node:child_process";

/** @type {readonly NodeJS.Signals[]} */
const passed = ["SIGINT", "SIGTERM", "SIGHUP"];

/** A signal to the whole process group comes again from npm, which passes it on, too. A person needs longer. */
const onceMs = 500;

/**
 * Runs a program in this process's place: same terminal, same signals, same ending.
 *
 * Resolves with its exit code. If a signal ended it, this process ends by the same signal, so that shells and
 * pipelines see what happened.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, onSignal?: () => void, onEnd?: () => void }} [options] onSignal is told
 *   of each signal; onEnd is called when the program has ended, before this process does
 * @returns {Promise<number>}
 */
export function inForeground(command, args, { cwd, env, onSignal, onEnd } = {}) {
  return new Promise((resolve, reject) => {
    // A terminal sends Ctrl-C to the whole process group. Passing it on would deliver it twice, and Pulumi takes the
    // second one as "stop at once, whatever state that leaves". Without a terminal (`timeout`, a CI runner) a signal may
    // be for the group or for this process: the program gets a group of its own, and what is passed on.
    const atTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
    const child = spawn(command, args, { cwd, env, stdio: "inherit", detached: !atTerminal });
    /** @type {Map<NodeJS.Signals, number>} */
    const lately = new Map();
    /** @param {NodeJS.Signals} signal */
    const passOn = (signal) => {
      const now = performance.now();
      if (now - (lately.get(signal) ?? -Infinity) < onceMs) return;
      lately.set(signal, now);
      if (signal !== "SIGINT" || !atTerminal) child.kill(signal);
      onSignal?.();
    };
    for (const signal of passed) process.on(signal, passOn);
    const settled = () => {
      for (const signal of passed) process.off(signal, passOn);
      onEnd?.();
    };
    child.once("error", (error) => {
      settled();
      reject(error);
    });
    child.once("exit", (code, signal) => {
      settled();
      if (signal !== null) process.kill(process.pid, signal);
      resolve(code ?? 1);
    });
  });
}
