import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { projectFolder } from "../tools/engine/release";
import { cleanUpAtExit, deleteFolder, forget } from "../tools/postgres/cleanup";
import type { PulumiCli } from "../tools/pulumi-cli";
import { type EngineEvent, plain, type ResourceStep, resourceStep } from "./events";
import { killFamily } from "./family";

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

/**
 * A stack of this project whose backend, passphrase, configuration and Pulumi home are in a temporary folder: nothing
 * of it is written into the project folder or the user's own Pulumi.
 */
export class Stack {
  private constructor(
    private readonly cli: PulumiCli,
    readonly folder: string,
    /** What the CLI needs to find the stack again. The passphrase is worth nothing without the folder. */
    readonly settings: Readonly<Record<string, string>>,
  ) {}

  static async create(cli: PulumiCli, databaseUrl: string): Promise<Stack> {
    const folder = mkdtempSync(join(tmpdir(), "wallet-vault-demo-"));
    const settings = {
      PULUMI_BACKEND_URL: `file://${join(folder, "backend")}`,
      PULUMI_CONFIG_PASSPHRASE: randomBytes(18).toString("base64url"),
      PULUMI_HOME: join(folder, "home"),
    };
    const stack = new Stack(cli, folder, settings);
    cleanUpAtExit(stack, () => deleteFolder(folder));
    for (const name of ["backend", "home", "config"]) mkdirSync(join(folder, name));
    // `stack init` writes beside the Pulumi.yaml it finds; with one of its own it does not write into the project.
    writeFileSync(join(stack.configFolder, "Pulumi.yaml"), "name: wallet-vault\nruntime: nodejs\n");
    await stack.run(["stack", "init", "demo", "--no-select"], stack.configFolder);
    // Through standard input: arguments are there for every user of the machine to see.
    await stack.run(["config", "set", "--secret", "databaseUrl", "--stack", "demo"], stack.configFolder, databaseUrl);
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

  keep(): void {
    forget(this);
  }

  remove(): void {
    forget(this);
    deleteFolder(this.folder);
  }

  private get configFolder(): string {
    return join(this.folder, "config");
  }

  private async stream(command: readonly string[], listener: Listener): Promise<Run> {
    let changes: Run["changes"] = {};
    let outputs: Run["outputs"] = {};
    await this.run([...command, ...this.arguments, "--json"], projectFolder, undefined, (event) => {
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

  /** @throws Error with what the CLI said, where it does not end well */
  private run(
    args: readonly string[],
    cwd: string,
    input = "",
    heard: (event: EngineEvent) => void = () => undefined,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const child = spawn(this.cli.command, [...args, "--non-interactive"], {
        cwd,
        // Its own group: Ctrl-C is for this process, which then ends the CLI and all it started.
        detached: true,
        env: { ...process.env, ...this.cli.env, ...this.settings, PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" },
      });
      cleanUpAtExit(child, () => killFamily(child.pid));
      const said: string[] = [];
      child.stdin.on("error", () => undefined).end(input);
      createInterface({ input: child.stderr }).on("line", (line) => said.push(line));
      createInterface({ input: child.stdout }).on("line", (line) => {
        const event = line.startsWith("{") ? (JSON.parse(line) as EngineEvent) : undefined;
        if (event === undefined) return void said.push(line);
        if (event.diagnosticEvent?.severity === "error") said.push(plain(event.diagnosticEvent.message));
        heard(event);
      });
      child.once("error", reject);
      child.once("close", (code) => {
        forget(child);
        if (code === 0) resolve();
        else reject(new Error(`pulumi ${args[0]} ended with exit code ${code}:\n${said.join("\n")}`));
      });
    });
  }
}
