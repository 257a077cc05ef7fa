import assert from "node:assert/strict";
import type { Finished } from "../../testing/child";
import { PulumiSandbox } from "../../testing/pulumi-sandbox";
import { type Content, type Database, withDatabase } from "../support/database";

/** A stack of the program in a project, backend and database of its own. */
export interface Deployment {
  readonly database: Database;
  readonly project: PulumiSandbox;
  /** Runs a command on the stack, with `--yes` where it asks. */
  run(command: string, ...args: readonly string[]): Promise<Finished>;
  /** The same, and fails the test where the command fails. Returns what it printed. */
  must(command: string, ...args: readonly string[]): Promise<string>;
}

export const stackName = "test";

/** Lends a stack for one test; nothing of it is left afterwards. */
export function withDeployment(
  content: Content,
  configuration: Readonly<Record<string, unknown>>,
  use: (deployment: Deployment) => Promise<void>,
): Promise<void> {
  return withDatabase(content, async (database) => {
    const project = await PulumiSandbox.create();
    try {
      await project.stack(stackName, { databaseUrl: database.url, ...configuration });
      await use(deployment(database, project));
    } finally {
      project.remove();
    }
  });
}

/** A deployment whose stack is there already. */
export function deployment(database: Database, project: PulumiSandbox): Deployment {
  const run: Deployment["run"] = (command, ...args) => {
    const asks = ["up", "refresh", "destroy"].includes(command) ? ["--yes"] : [];
    const twice = ["up", "destroy"].includes(command) ? ["--skip-preview"] : [];
    return project.pulumi([command, ...asks, ...twice, "--stack", stackName, ...args]);
  };
  const must: Deployment["must"] = async (command, ...args) => {
    const finished = await run(command, ...args);
    assert.equal(finished.code, 0, `pulumi ${command} ${args.join(" ")}:\n${finished.stdout}\n${finished.stderr}`);
    return `${finished.stdout}\n${finished.stderr}`;
  };
  return { database, project, run, must };
}

/** All that the CLI printed. */
export const printed = ({ stdout, stderr }: Pick<Finished, "stdout" | "stderr">): string => `${stdout}\n${stderr}`;

/** No user of the command line should see where in our code an error was thrown. */
export function assertNoStack(text: string): void {
  assert.doesNotMatch(text, /^\s+at .+:\d+:\d+\)?$/m);
}
