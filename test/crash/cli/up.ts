import { type ChildProcess, spawn } from "node:child_process";
import { pulumiCli } from "../../../pulumi-cli/pulumi-cli";
import type { TemporaryProject } from "../../../testing/temporary-project";
import { descendantsOf, killAll, type Running } from "../../../testing/process-tree";

/** A `pulumi up` under way, with all the processes it has started. */
export class Up {
  private output = "";
  private readonly closed: Promise<number>;

  private constructor(private readonly cli: ChildProcess) {
    for (const stream of [cli.stdout, cli.stderr])
      stream?.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
    this.closed = new Promise((resolve) => cli.once("exit", (code) => resolve(code ?? 137)));
  }

  static async start(project: TemporaryProject, stack: string): Promise<Up> {
    const { command } = await pulumiCli();
    const args = ["--non-interactive", "up", "--yes", "--skip-preview", "--stack", stack];
    return new Up(spawn(command, args, { cwd: project.folder, env: project.env, stdio: ["ignore", "pipe", "pipe"] }));
  }

  /** All processes at once, as when the machine of a CI job goes away. */
  killTree(): void {
    const family = this.family();
    this.cli.kill("SIGKILL");
    killAll(family);
  }

  /** The CLI only; what it started goes on, or notices. */
  killCli(): void {
    this.cli.kill("SIGKILL");
  }

  /** The process of the dynamic provider, in which the resources' operations run. */
  killProvider(): void {
    const providers = this.family().filter(({ command }) => command.includes("dynamic-provider"));
    if (providers.length === 0) throw new Error("There is no provider process to kill.");
    killAll(providers);
  }

  /** Everything the CLI has started so far. Nothing once it has ended: its pid may be somebody else's. */
  family(): Running[] {
    const { pid, exitCode, signalCode } = this.cli;
    return pid === undefined || exitCode !== null || signalCode !== null ? [] : descendantsOf(pid);
  }

  /** The exit code, and all that was said. */
  async end(): Promise<{ code: number; output: string }> {
    return { code: await this.closed, output: this.output };
  }
}
