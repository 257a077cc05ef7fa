import { childrenOf, signal } from "./processes";

/**
 * Ends a process and all it started, at once. The engine starts each plugin in a process group of its own, so a signal to
 * the CLI's group would leave providers behind that still talk to the database.
 */
export function killProcessTree(pid: number | undefined): void {
  if (pid === undefined) return;
  // Stopped first, so that nobody starts another child meanwhile.
  const family = [pid];
  for (const member of family) {
    signal(member, "SIGSTOP");
    family.push(...childrenOf(member));
  }
  for (const member of family) signal(member, "SIGKILL");
}
