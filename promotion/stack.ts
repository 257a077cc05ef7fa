import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { LocalWorkspace, PulumiCommand, Stack } from "@pulumi/pulumi/automation";
import { observe, type Observation } from "./events";
import { failureOf, StageFailure } from "./failure";
import type { StackOutputs } from "./stack-outputs";

export interface RunOptions {
  /** True: what is in the database is read first, so that drift is seen and the receipt renewed. */
  readonly refresh: boolean;
  /** Told what providers report while they work. */
  readonly say: (line: string) => void;
  /** Ends a running command in good order. */
  readonly signal: AbortSignal;
}

/** A stack as a promotion uses it. Every method throws StageFailure. */
export interface StageStack {
  readonly name: string;
  /** How old a proof its own gate accepts. */
  readonly promotionMaxAgeHours: number;
  preview(run: RunOptions): Promise<Observation>;
  update(run: RunOptions): Promise<Observation>;
  outputs(): Promise<StackOutputs>;
}

/**
 * Opens a stack that exists, without selecting it: which stack the person works on is none of a promotion's business,
 * and a plain `pulumi up` afterwards must not hit production.
 *
 * @param folder of the project
 * @throws StageFailure, also where there is no such stack
 */
export async function openStack(name: string, folder: string): Promise<StageStack> {
  const cli = async (...args: string[]): Promise<string> => {
    try {
      const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024 };
      return (await promisify(execFile)("pulumi", [...args, "--stack", name, "--non-interactive"], options)).stdout;
    } catch (error) {
      throw failureOf(error, name);
    }
  };
  const workspace = await LocalWorkspace.create({
    workDir: folder,
    pulumiCommand: await PulumiCommand.get({ skipVersionCheck: true }),
  });
  // Secrets are not among its answers. It fails where there is no such stack.
  let configuration: Record<string, { value?: string }> = {};
  workspace.selectStack = async () => void (configuration = JSON.parse(await cli("config", "--json")));
  const project = (await workspace.projectSettings()).name;
  const stack = await Stack.select(name, workspace);

  const run = async (command: "preview" | "up", { refresh, say, signal }: RunOptions): Promise<Observation> => {
    const { seen, onEvent } = observe(say);
    const message = "Promotion";
    try {
      // Without the program, a refresh would use the connection of the last update: by now perhaps another database.
      const fromProgram = refresh ? { refresh, runProgram: true } : {};
      const options = { onEvent, ...fromProgram, signal, message, color: "never" as const };
      if (command === "preview") await stack.preview(options);
      // Otherwise its result holds the configuration's secrets in plain text.
      else await stack.up({ ...options, showSecrets: false });
      return seen;
    } catch (error) {
      const failure = failureOf(error, name, seen);
      if (command === "preview") throw failure;
      throw new StageFailure(failure.result, failure.message, seen.transfer ?? {});
    }
  };
  return {
    name,
    // What makes no sense is for the program to refuse.
    promotionMaxAgeHours: Number(configuration[`${project}:promotionMaxAgeHours`]?.value) || 72,
    preview: (options) => run("preview", options),
    update: (options) => run("up", options),
    // Not the Automation API's: that one asks for secrets in plain text.
    outputs: async () => JSON.parse(await cli("stack", "output", "--json")) as StackOutputs,
  };
}
