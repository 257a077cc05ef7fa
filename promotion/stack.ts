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
 * The names of all stacks of the project, as the backend has them.
 *
 * @param folder of the project
 * @throws StageFailure
 */
export async function stackNames(folder: string): Promise<string[]> {
  const answer = await pulumi(folder, ["stack", "ls", "--json"]).catch((error: unknown) => {
    throw failureOf(error, "<name>");
  });
  return (JSON.parse(answer) as { name: string }[]).map(({ name }) => name);
}

/** The same for all stacks: it takes a process to find out. */
let command: Promise<PulumiCommand> | undefined;

/** What the CLI writes to standard output. */
async function pulumi(folder: string, args: readonly string[]): Promise<string> {
  const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024 };
  return (await promisify(execFile)("pulumi", [...args, "--non-interactive"], options)).stdout;
}

/**
 * Opens a stack that exists, without selecting it: which stack the person works on is none of a promotion's business,
 * and a plain `pulumi up` afterwards must not hit production.
 *
 * @param folder of the project
 * @throws StageFailure, also where there is no such stack
 */
export async function openStack(name: string, folder: string): Promise<StageStack> {
  const cli = (...args: string[]): Promise<string> => {
    return pulumi(folder, [...args, "--stack", name]).catch((error: unknown) => {
      throw failureOf(error, name);
    });
  };
  const workspace = await LocalWorkspace.create({
    workDir: folder,
    pulumiCommand: await (command ??= PulumiCommand.get({ skipVersionCheck: true })),
  });
  // Secrets are not among its answers. It fails where there is no such stack.
  let configuration: Record<string, { value?: string }> = {};
  workspace.selectStack = async () => void (configuration = JSON.parse(await cli("config", "--json")));
  const project = (await workspace.projectSettings()).name;
  const stack = await Stack.select(name, workspace);

  const run = async (what: "preview" | "up", { refresh, say, signal }: RunOptions): Promise<Observation> => {
    const { seen, onEvent } = observe(say);
    const message = "Promotion";
    // The Automation API never takes its listener away: each command gets a signal of its own.
    const own = new AbortController();
    const abort = () => own.abort();
    signal.addEventListener("abort", abort);
    try {
      // Without the program, a refresh would use the connection of the last update: by now perhaps another database.
      const fromProgram = refresh ? { refresh, runProgram: true } : {};
      const options = { onEvent, ...fromProgram, signal: own.signal, message, color: "never" as const };
      if (what === "preview") await stack.preview(options);
      // Otherwise its result holds the configuration's secrets in plain text.
      else await stack.up({ ...options, showSecrets: false });
      return seen;
    } catch (error) {
      const failure = failureOf(error, name, seen);
      if (what === "preview") throw failure;
      throw new StageFailure(failure.result, failure.message, seen.transfer ?? {});
    } finally {
      signal.removeEventListener("abort", abort);
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
