/** Takes one line of progress, without its line end. */
export type Log = (line: string) => void;

/** Without a terminal, the lines stay in a log. */
const everyMs = process.stderr.isTTY ? 5_000 : 30_000;

/**
 * Calls `log` with what goes on and for how long, until `work` is done: every 5 s, every 30 s where there is no terminal.
 * Returns what `work` returns.
 */
export async function withProgress<T>(log: Log, doing: () => string, work: () => Promise<T>): Promise<T> {
  const start = Date.now();
  const timer = setInterval(() => log(`  ${Math.round((Date.now() - start) / 1000)} s: ${doing()}`), everyMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
