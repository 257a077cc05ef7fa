// @ts-check
import { spawn } from "node:child_process";

/**
 * Runs a program in this process's place: same terminal, same signals, same ending.
 *
 * Resolves with its exit code. If a signal ended it, this process ends by the same signal, so that shells and
 * pipelines see what happened.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>}
 */
export function inForeground(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: "inherit" });
    // A terminal sends Ctrl-C to the whole process group. Passing it on would deliver it twice, and Pulumi takes the
    // second one as "stop at once, whatever state that leaves".
    const atTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
    const onInterrupt = () => void (atTerminal || child.kill("SIGINT"));
    const onTerminate = () => void child.kill("SIGTERM");
    const onHangUp = () => void child.kill("SIGHUP");
    process.on("SIGINT", onInterrupt).on("SIGTERM", onTerminate).on("SIGHUP", onHangUp);
    const settled = () => {
      process.off("SIGINT", onInterrupt).off("SIGTERM", onTerminate).off("SIGHUP", onHangUp);
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
