import { availableParallelism } from "node:os";

/** What a stage needs while a Pulumi command of it runs, in MB: the CLI, its language host, the program, its provider. */
export const stageMB = 500;

/** So many stages at the same time as there are cores, and as fit into the memory that is free; 1 to 16. */
export function stagesAtOnce(
  cores = availableParallelism(),
  // In a container, what its limit leaves.
  freeMB = process.availableMemory() / 1024 / 1024,
): number {
  return Math.max(1, Math.min(16, cores, Math.floor(freeMB / stageMB)));
}
