import { type ChildProcess, spawn } from "node:child_process";
import { pulumiCli } from "../../../tools/pulumi-cli";
import type { TemporaryProject } from "../../support/project";
import { descendantsOf, killAll } from "./processes";

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
    const { pid } = this.cli;
    if (pid !== undefined) killAll([pid, ...this.family()]);
  }

  /** The CLI only; what it started goes on, or notices. */
  killCli(): void {
    this.cli.kill("SIGKILL");
  }

  /** The process of the dynamic provider, in which the resources' operations run. */
  killProvider(): void {
    const providers = descendantsOf(this.cli.pid ?? 0).filter(({ command }) => command.includes("dynamic-provider"));
    if (providers.length === 0) throw new Error("There is no provider process to kill.");
    killAll(providers.map(({ pid }) => pid));
  }

  /** Pids of everything the CLI has started so far. */
  family(): number[] {
    return descendantsOf(this.cli.pid ?? 0).map(({ pid }) => pid);
  }

  /** The exit code, and all that was said. */
  async end(): Promise<{ code: number; output: string }> {
    return { code: await this.closed, output: this.output };
  }
}
