import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PulumiCli } from "../pulumi-cli/pulumi-cli";
import { projectFolder } from "../pulumi-cli/release";
import { plain, type ResourceStep, resourceStep } from "../testing/engine-events";
import { PulumiSandbox } from "../testing/pulumi-sandbox";

/** Who wants to know what happens while the CLI runs. */
export interface Listener {
  resource?(step: ResourceStep): void;
  /** A line that a provider printed: `[transfer] 20,000 of 100,000 keys moved`. */
  told?(line: string): void;
}

/** What one `preview` or `up` came to. */
export interface Run {
  /** Resources per operation: `{ same: 6 }`. */
  readonly changes: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** A stack of this project whose configuration lies beside it: nothing of it is written into the project folder. */
export class Stack {
  private constructor(
    readonly sandbox: PulumiSandbox,
    private readonly configFolder: string,
  ) {}

  static async create(cli: PulumiCli, databaseUrl: string): Promise<Stack> {
    const sandbox = new PulumiSandbox(cli);
    const stack = new Stack(sandbox, sandbox.subfolder("config"));
    // `stack init` writes beside the Pulumi.yaml it finds; with one of its own it does not write into the project.
    writeFileSync(join(stack.configFolder, "Pulumi.yaml"), "name: wallet-vault\nruntime: nodejs\n");
    await sandbox.pulumi(["stack", "init", "demo", "--no-select"], stack.configFolder);
    // Through standard input: arguments are there for every user of the machine to see.
    const secret = ["config", "set", "--secret", "databaseUrl", "--stack", "demo"];
    await sandbox.pulumi(secret, stack.configFolder, databaseUrl);
    return stack;
  }

  preview(listener: Listener = {}): Promise<Run> {
    return this.stream(["preview"], listener);
  }

  up(listener: Listener = {}): Promise<Run> {
    return this.stream(["up", "--yes", "--skip-preview"], listener);
  }

  /** The arguments that name this stack, for every command of the CLI that is run in the project folder. */
  get arguments(): readonly string[] {
    return ["--stack", "demo", "--config-file", join(this.configFolder, "Pulumi.demo.yaml")];
  }

  private async stream(command: readonly string[], listener: Listener): Promise<Run> {
    let changes: Run["changes"] = {};
    let outputs: Run["outputs"] = {};
    await this.sandbox.pulumi([...command, ...this.arguments, "--json"], projectFolder, "", (event) => {
      if (event.summaryEvent !== undefined) changes = event.summaryEvent.resourceChanges;
      if (event.resOutputsEvent !== undefined) {
        const step = resourceStep(event.resOutputsEvent.metadata);
        if (step.type === "Stack") outputs = step.outputs;
        listener.resource?.(step);
      }
      const { severity = "", message = "" } = event.diagnosticEvent ?? {};
      if (severity.startsWith("info")) for (const line of plain(message).split("\n")) listener.told?.(line);
    });
    return { changes, outputs };
  }
}
