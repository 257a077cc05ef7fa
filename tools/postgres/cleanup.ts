/** What has to be stopped and deleted when this process ends, however it ends (except by SIGKILL). */
const leftovers = new Map<object, () => void>();
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Registers synchronous work for the end of the process, until `forget` is called with the same owner. */
export function cleanUpAtExit(owner: object, work: () => void): void {
  if (leftovers.size === 0) listen();
  leftovers.set(owner, work);
}

export function forget(owner: object): void {
  if (leftovers.delete(owner) && leftovers.size === 0) unlisten();
}

function cleanUp(): void {
  for (const [owner, work] of leftovers) {
    leftovers.delete(owner);
    try {
      work();
    } catch (error) {
      // One that fails must not save the others.
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
}

function listen(): void {
  process.on("exit", cleanUp);
  for (const name of signals) process.on(name, onSignal);
}

function unlisten(): void {
  process.off("exit", cleanUp);
  for (const name of signals) process.off(name, onSignal);
}

function onSignal(name: NodeJS.Signals): void {
  // Somebody else decides what the signal means here. If that is the end, "exit" follows.
  if (process.listenerCount(name) > 1) return;
  cleanUp();
  unlisten();
  process.kill(process.pid, name);
}
