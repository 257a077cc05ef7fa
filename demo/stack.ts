import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../launcher/project-folder";
import { type Change, changeOf, plain } from "../promotion/events";
import type { PulumiCli } from "../pulumi-cli/pulumi-cli";
import { PulumiSandbox } from "../testing/pulumi-sandbox";

/** Who wants to know what happens while the CLI runs. */
export interface Listener {
  /** A resource that the engine is done with. */
  resource?(change: Change): void;
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
  private constructor(readonly sandbox: PulumiSandbox) {}

  static async create(cli: PulumiCli, databaseUrl: string): Promise<Stack> {
    const sandbox = await PulumiSandbox.create({ cli, parts: [], plugins: false });
    // `stack init` writes beside the Pulumi.yaml it finds; with one of its own it does not write into the project.
    writeFileSync(join(sandbox.folder, "Pulumi.yaml"), "name: wallet-vault\nruntime: nodejs\n");
    await sandbox.stack("demo", { databaseUrl });
    return new Stack(sandbox);
  }

  preview(listener: Listener = {}): Promise<Run> {
    return this.stream(["preview"], listener);
  }

  up(listener: Listener = {}): Promise<Run> {
    return this.stream(["up", "--yes", "--skip-preview"], listener);
  }

  /** The arguments that name this stack, for every command of the CLI that is run in the project folder. */
  get arguments(): readonly string[] {
    return ["--stack", "demo", "--config-file", join(this.sandbox.folder, "Pulumi.demo.yaml")];
  }

  private async stream(command: readonly string[], listener: Listener): Promise<Run> {
    let changes: Run["changes"] = {};
    let outputs: Run["outputs"] = {};
    await this.sandbox.in(projectFolder).stream([...command, ...this.arguments], (event) => {
      if (event.summaryEvent !== undefined) changes = event.summaryEvent.resourceChanges;
      if (event.resOutputsEvent !== undefined) {
        const { metadata } = event.resOutputsEvent;
        const change = changeOf(metadata);
        if (change.type === "pulumi:pulumi:Stack") outputs = metadata.new?.outputs ?? {};
        listener.resource?.(change);
      }
      const { severity = "", message = "" } = event.diagnosticEvent ?? {};
      if (severity.startsWith("info")) for (const line of message.trim().split("\n")) listener.told?.(plain(line));
    });
    return { changes, outputs };
  }
}
