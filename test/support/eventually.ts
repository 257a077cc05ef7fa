import { setTimeout as pause } from "node:timers/promises";

/** A claim that never comes true fails the test after this time; it is far beyond what the slowest machine needs. */
const patienceMs = 120_000;

/** Asks until there is an answer. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`It never came to this: ${what}`);
    await pause(20);
  }
}
