import type { Up } from "./up";

/** What is killed of a real `pulumi up`. */
export interface CliKill {
  readonly name: string;
  /** True where the dead CLI leaves its lock on the stack: a file backend cannot tell a dead process from a slow one. */
  readonly leavesLock: boolean;
  readonly strike: (up: Up) => void;
}

export const cliKills: readonly CliKill[] = [
  { name: "CLI: kill -9 of all its processes", leavesLock: true, strike: (up) => up.killTree() },
  { name: "CLI: kill -9 of the CLI alone", leavesLock: true, strike: (up) => up.killCli() },
  { name: "CLI: kill -9 of the provider", leavesLock: false, strike: (up) => up.killProvider() },
];
