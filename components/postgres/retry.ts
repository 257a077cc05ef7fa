import { setTimeout as sleep } from "node:timers/promises";
import type { Report } from "./report";

/** Returns when it is time for the next try; `tries` is the number of tries so far. */
export type Pause = (tries: number) => Promise<unknown>;

/**
 * Pauses that double, each longer or shorter by up to a half at random: two sessions that block each other must not meet again
 * at the same instant.
 *
 * @param firstMs milliseconds of the first pause, on average
 * @param longestMs milliseconds of the longest pause, on average
 */
export function backOff(firstMs: number, longestMs = 5_000): Pause {
  let next = firstMs;
  return () => {
    const ms = next * (0.5 + Math.random());
    next = Math.min(next * 2, longestMs);
    return sleep(ms);
  };
}

/**
 * Runs `attempt` until it succeeds.
 *
 * @param again whether to try again after this error; it may throw a better error
 */
export async function retry<T>(
  pause: Pause,
  attempt: () => Promise<T>,
  again: (error: unknown, tries: number) => boolean | Promise<boolean>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(await again(error, tries))) throw error;
    }
    await pause(tries);
  }
}

/** Asks until the answer is true. Returns how many times it asked. */
export async function pollUntil(pause: Pause, done: (tries: number) => Promise<boolean>): Promise<number> {
  let tries = 1;
  for (; !(await done(tries)); tries += 1) await pause(tries);
  return tries;
}

/** Reports a line at once, and another one of the same gist only after 30 s. */
export function throttled(report: Report): (gist: string, line: string) => void {
  const reportedAt = new Map<string, number>();
  return (gist, line) => {
    const now = performance.now();
    if (now - (reportedAt.get(gist) ?? Number.NEGATIVE_INFINITY) < 30_000) return;
    reportedAt.set(gist, now);
    report(line);
  };
}
