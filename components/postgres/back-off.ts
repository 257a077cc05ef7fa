const longestPauseMs = 5_000;

/**
 * Pauses between tries, twice as long each time until they take 5 s, half of it more or less by chance: two that stand in each
 * other's way shall not meet again at the same instant.
 *
 * @param firstPauseMs milliseconds of the first pause, on average
 */
export function backOff(firstPauseMs: number): () => Promise<void> {
  let next = firstPauseMs;
  return () => {
    const pause = next * (0.5 + Math.random());
    next = Math.min(next * 2, longestPauseMs);
    return new Promise((resolve) => setTimeout(resolve, pause));
  };
}
