import type { Child } from "../../../testing/child";
import { killAll } from "../../../testing/processes";

/** What is killed of a real `pulumi up`. */
export interface CliKill {
  readonly name: string;
  /** True where the dead CLI leaves its lock on the stack: a file backend cannot tell a dead process from a slow one. */
  readonly leavesLock: boolean;
  readonly strike: (up: Child) => void;
}

export const cliKills: readonly CliKill[] = [
  { name: "CLI: kill -9 of all its processes", leavesLock: true, strike: (up) => up.killTree() },
  { name: "CLI: kill -9 of the CLI alone", leavesLock: true, strike: (up) => up.kill("SIGKILL") },
  { name: "CLI: kill -9 of the provider", leavesLock: false, strike: killProvider },
];

/** The process of the dynamic provider, in which the resources' operations run. */
function killProvider(up: Child): void {
  const providers = up.family().filter(({ command }) => command.includes("dynamic-provider"));
  if (providers.length === 0) throw new Error("There is no provider process to kill.");
  killAll(providers);
}
