import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pulumiCli } from "../pulumi-cli/pulumi-cli";
import { descendantsOf } from "../testing/process-tree";
import { temporaryProject, type TemporaryProject } from "../testing/temporary-project";

export interface Upped {
  readonly ms: number;
  /** The most memory that a provider process had, in MB; 0 where there was none. */
  readonly peakMB: number;
}

/** Stacks of the real program, driven by the real CLI, in a backend of files of their own. */
export class Deployments {
  private count = 0;

  private constructor(private readonly project: TemporaryProject) {}

  static async start(): Promise<Deployments> {
    return new Deployments(await temporaryProject());
  }

  /** A new stack for a database. */
  async stack(databaseUrl: string): Promise<string> {
    this.count += 1;
    const name = `bench${this.count}`;
    await this.project.stack(name, { databaseUrl });
    return name;
  }

  /** `up --skip-preview`, and how long it took from the outside. */
  up(stack: string, ...more: string[]): Promise<Upped> {
    return this.run(this.project.folder, stack, more);
  }

  /** A program without resources and without a database, run by the same CLI in the same way. Returns its stack's `up`. */
  async emptyProgram(): Promise<() => Promise<Upped>> {
    const folder = join(this.project.folder, "..", "empty");
    mkdirSync(folder);
    symlinkSync(join(this.project.folder, "node_modules"), join(folder, "node_modules"));
    const yaml = readFileSync(join(this.project.folder, "Pulumi.yaml"), "utf8");
    const runtime = yaml.slice(yaml.indexOf("runtime:"), yaml.indexOf("main:"));
    writeFileSync(join(folder, "Pulumi.yaml"), `name: empty\n${runtime}main: index.ts\n`);
    writeFileSync(join(folder, "package.json"), "{}\n");
    writeFileSync(
      join(folder, "index.ts"),
      'import * as pulumi from "@pulumi/pulumi";\nexport = async () => ({ version: pulumi.version });\n',
    );
    await this.cli(folder, ["stack", "init", "empty", "--no-select"]);
    await this.run(folder, "empty", []);
    return () => this.run(folder, "empty", []);
  }

  remove(): void {
    this.project.remove();
  }

  private run(folder: string, stack: string, more: readonly string[]): Promise<Upped> {
    return this.cli(folder, ["up", "--yes", "--skip-preview", "--stack", stack, ...more]);
  }

  private async cli(folder: string, args: readonly string[]): Promise<Upped> {
    const { command } = await pulumiCli();
    const started = performance.now();
    const child = spawn(command, ["--non-interactive", ...args], {
      cwd: folder,
      env: this.project.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
    let peakMB = 0;
    const look = () => {
      for (const { pid, command: line } of descendantsOf(child.pid ?? 0))
        if (line.includes("dynamic-provider")) peakMB = Math.max(peakMB, highWaterMB(pid));
    };
    const timer = setInterval(look, 250);
    const code = await new Promise((resolve) => child.once("close", resolve));
    clearInterval(timer);
    if (code !== 0) throw new Error(`pulumi ${args[0]} ended with exit code ${String(code)}:\n${output}`);
    return { ms: performance.now() - started, peakMB };
  }
}

/** Peak resident memory of a process so far, as the kernel keeps it. */
function highWaterMB(pid: number): number {
  try {
    return Number(/VmHWM:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
