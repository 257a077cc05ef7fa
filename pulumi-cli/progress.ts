/** Takes one line of progress, without its line end. */
export type Log = (line: string) => void;

/** Calls `log` every 5 s with what goes on and for how long, until `work` is done. Returns what `work` returns. */
export async function withProgress<T>(log: Log, doing: () => string, work: () => Promise<T>): Promise<T> {
  const start = Date.now();
  const timer = setInterval(() => log(`  ${Math.round((Date.now() - start) / 1000)} s: ${doing()}`), 5_000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
