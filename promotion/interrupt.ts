import { setMaxListeners } from "node:events";

/**
 * Turns the first Ctrl-C, or a pipeline's request to end, into a signal for the running commands; later ones count for
 * nothing, because Pulumi takes a second one as "stop at once, whatever state that leaves".
 */
export function onInterrupt(tell: () => void): { stop: AbortSignal; forward: AbortSignal } {
  const [stop, forward] = [new AbortController(), new AbortController()];
  // One for each command that runs.
  setMaxListeners(0, stop.signal, forward.signal);
  // A terminal sends Ctrl-C to the whole process group: the running commands have it already.
  const atTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const interrupted = (name: NodeJS.Signals) => {
    if (stop.signal.aborted) return;
    tell();
    stop.abort();
    if (name !== "SIGINT" || !atTerminal) forward.abort();
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, interrupted);
  return { stop: stop.signal, forward: forward.signal };
}
