import { rmSync } from "node:fs";
import { sleepSync } from "./processes";

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

/** Deletes a folder, also while the last of the processes that write to it are going away (they get 2 s). */
export function deleteFolder(folder: string): void {
  for (let attempt = 1; ; attempt++) {
    try {
      return rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (attempt === 100) throw error;
      sleepSync(20);
    }
  }
}

function cleanUp(): void {
  // The last first: what writes to a folder ends before the folder goes.
  for (const [owner, work] of [...leftovers].toReversed()) {
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
