import { randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, symlinkSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { projectFolder } from "../launcher/project-folder";
import { plain } from "../promotion/events";
import { type PulumiCli, pulumiCli } from "../pulumi-cli/pulumi-cli";
import { sources } from "../revision";
import { Child, type ChildOptions, type Finished } from "./child";
import { cleanUpAtExit, deleteFolder, forget } from "./cleanup";

/** Settings of the user's own Pulumi, and the summary of a CI job, which is no place for what happens here. */
const notOurs = /^(PULUMI_|GITHUB_STEP_SUMMARY$)/;

export interface SandboxOptions {
  /** The CLI to use; found if it is not said. */
  readonly cli?: PulumiCli;
  /** What is copied from this project into `folder`; the program if it is not said. */
  readonly parts?: readonly string[];
  /** Whether plugins that this machine has are found, and none is downloaded. True if it is not said. */
  readonly plugins?: boolean;
}

/**
 * A copy of the program with a backend, a passphrase and a Pulumi home of its own: nothing is written into the project
 * or the user's own Pulumi. Call `remove` when done; it goes with this process at the latest.
 */
export class PulumiSandbox {
  /** The whole environment of a process that is to see these stacks, and no others. A caller may add to it. */
  readonly env: NodeJS.ProcessEnv;

  private constructor(
    private readonly cli: PulumiCli,
    /** All that this sandbox has on disk. */
    readonly root: string,
    /** Where the CLI runs, finds `Pulumi.yaml` and writes `Pulumi.<stack>.yaml`. */
    readonly folder: string,
    /** What the CLI needs to find the stacks again. The passphrase is worth nothing without the folder. */
    readonly settings: Readonly<Record<string, string>>,
  ) {
    const others = Object.entries(process.env).filter(([name]) => !notOurs.test(name));
    this.env = { ...Object.fromEntries(others), ...cli.env, ...settings, NO_COLOR: "1" };
  }

  static async create({ cli, parts = sources, plugins = true }: SandboxOptions = {}): Promise<PulumiSandbox> {
    const found = cli ?? (await pulumiCli());
    const root = mkdtempSync(join(tmpdir(), "wallet-vault-project-"));
    const [folder, backend, home] = [join(root, "project"), join(root, "backend"), join(root, "home")];
    for (const path of [folder, backend, home]) mkdirSync(path);
    for (const part of parts) cpSync(join(projectFolder, part), join(folder, part), { recursive: true });
    symlinkSync(join(projectFolder, "node_modules"), join(folder, "node_modules"));
    const machine = join(process.env["PULUMI_HOME"] || join(homedir(), ".pulumi"), "plugins");
    if (plugins && existsSync(machine)) symlinkSync(machine, join(home, "plugins"));
    const settings = {
      PULUMI_BACKEND_URL: `file://${backend}`,
      PULUMI_CONFIG_PASSPHRASE: randomBytes(18).toString("base64url"),
      PULUMI_HOME: home,
      ...(plugins && { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" }),
    };
    cleanUpAtExit(settings, () => deleteFolder(root));
    return new PulumiSandbox(found, root, folder, settings);
  }

  /** The same backend, for a program in another folder. */
  in(folder: string): PulumiSandbox {
    return new PulumiSandbox(this.cli, this.root, folder, this.settings);
  }

  /** Starts the Pulumi CLI in the folder, without a terminal. */
  start(args: readonly string[], options: Partial<ChildOptions> = {}): Child {
    return new Child(this.cli.command, ["--non-interactive", ...args], { cwd: this.folder, env: this.env, ...options });
  }

  /** Runs the Pulumi CLI to its end; never throws because of its exit code. */
  pulumi(args: readonly string[], input = ""): Promise<Finished> {
    return this.start(args, { input }).ended;
  }

  /**
   * The same, and returns what it wrote to standard output.
   *
   * @throws Error with all that it wrote, where it does not end well
   */
  async must(args: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.pulumi(args, input);
    if (code !== 0) throw ended(args, code, `${stdout}\n${stderr}`);
    return stdout;
  }

  /**
   * Runs a command with `--json`, and passes on the engine's events.
   *
   * @throws Error with what the CLI said, where it does not end well
   */
  async stream(args: readonly string[], onEvent: (event: EngineEvent) => void = () => undefined): Promise<void> {
    const said: string[] = [];
    const { code } = await this.start([...args, "--json"], {
      env: { ...this.env, PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" },
      err: (line) => said.push(line),
      out: (line) => {
        if (!line.startsWith("{")) return void said.push(line);
        const event = JSON.parse(line) as EngineEvent;
        if (event.diagnosticEvent?.severity === "error") said.push(plain(event.diagnosticEvent.message));
        onEvent(event);
      },
    }).ended;
    if (code !== 0) throw ended(args, code, said.join("\n"));
  }

  /** Makes a stack and sets its configuration (namespace `wallet-vault`); anything but a text is set as JSON. */
  async stack(name: string, configuration: Readonly<Record<string, unknown>>): Promise<void> {
    const { databaseUrl, ...others } = configuration;
    await this.must(["stack", "init", name, "--no-select"]);
    // Through standard input: arguments are there for every user of the machine to see.
    if (databaseUrl !== undefined)
      await this.must(["config", "set", "--secret", "databaseUrl", "--stack", name], String(databaseUrl));
    const settings = Object.entries(others).flatMap(([key, value]) => [
      "--plaintext",
      `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
    ]);
    if (settings.length > 0) await this.must(["config", "set-all", "--stack", name, ...settings]);
  }

  /** The outputs of a stack. */
  async outputs(stack: string): Promise<Record<string, unknown>> {
    return JSON.parse(await this.must(["stack", "output", "--json", "--stack", stack]));
  }

  /** Lets it outlive this process. */
  keep(): void {
    forget(this.settings);
  }

  remove(): void {
    forget(this.settings);
    deleteFolder(this.root);
  }
}

const ended = (args: readonly string[], code: number, said: string): Error =>
  new Error(`pulumi ${args.slice(0, 2).join(" ")} ended with exit code ${code}:\n${said}`);
