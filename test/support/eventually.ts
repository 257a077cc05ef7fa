import { setTimeout as pause } from "node:timers/promises";

/**
 * A claim that never comes true fails the test after this time: far beyond what a machine needs that is busy with much
 * else, and before the runner ends the whole file.
 */
const patienceMs = 15 * 60_000;

/**
 * Asks until there is an answer.
 *
 * @param work what should bring it about: once it has ended without an answer, nothing is waited for any more
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  work?: Promise<unknown>,
): Promise<T> {
  let over = false;
  const end = () => (over = true);
  work?.then(end, end);
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const last = over || performance.now() > deadline;
    const answer = await ask();
    if (answer !== undefined) return answer;
    // The reason, where it failed.
    if (over && last) await work;
    if (last) throw new Error(`It never came to this: ${what}`);
    await pause(20);
  }
}
