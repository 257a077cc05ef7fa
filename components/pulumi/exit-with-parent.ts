const checkEveryMs = 1_000;

/**
 * Ends this process once its parent is gone. Where the CLI was killed, Pulumi's SDK would go on telling an engine that
 * no longer listens, and use a whole core for it, for as long as the machine is up.
 */
export function exitWithParent(): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.exit(1);
  }, checkEveryMs).unref();
}
