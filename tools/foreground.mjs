// @ts-check
import { spawn } from "node:child_process";

/** @type {readonly NodeJS.Signals[]} */
const passed = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs a program in this process's place: same terminal, same signals, same ending.
 *
 * Resolves with its exit code. If a signal ended it, this process ends by the same signal, so that shells and
 * pipelines see what happened.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, onSignal?: () => void }} [options] onSignal is told of each of them
 * @returns {Promise<number>}
 */
export function inForeground(command, args, { cwd, env, onSignal } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: "inherit" });
    // A terminal sends Ctrl-C to the whole process group. Passing it on would deliver it twice, and Pulumi takes the
    // second one as "stop at once, whatever state that leaves".
    const atTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
    /** @param {NodeJS.Signals} signal */
    const passOn = (signal) => {
      onSignal?.();
      if (signal !== "SIGINT" || !atTerminal) child.kill(signal);
    };
    for (const signal of passed) process.on(signal, passOn);
    const settled = () => {
      for (const signal of passed) process.off(signal, passOn);
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
