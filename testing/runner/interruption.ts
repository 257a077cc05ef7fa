import { setTimeout as pause } from "node:timers/promises";
import { childrenOf, running } from "../processes";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Test files stop their servers when they are ended; one that does not listen must not keep this process for ever. */
const patienceMs = 60_000;

/**
 * Aborted by the first signal that is to end this process, which then waits for the children it starts from here on: they
 * would otherwise report to nobody, die of that, and leave their servers behind. A second signal ends it at once.
 */
export function interruption(): AbortSignal {
  const abort = new AbortController();
  // The compiler of tsx is one, and ends with this process only.
  const others = new Set(childrenOf(process.pid));
  const end = (name: NodeJS.Signals): void => {
    for (const each of signals) process.off(each, onSignal);
    process.kill(process.pid, name);
  };
  // It stays a listener until the children are gone: whoever else listens ends this process at once when it is alone.
  const onSignal = async (name: NodeJS.Signals): Promise<void> => {
    if (abort.signal.aborted) return end(name);
    const children = childrenOf(process.pid).filter((pid) => !others.has(pid));
    abort.abort();
    const deadline = Date.now() + patienceMs;
    while (running(children).length > 0 && Date.now() < deadline) await pause(20);
    end(name);
  };
  for (const each of signals) process.on(each, onSignal);
  return abort.signal;
}
