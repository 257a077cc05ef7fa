import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../launcher/project-folder";
import { Child } from "../testing/child";
import { memoryMB, peakMemoryMB } from "../testing/processes";
import { PulumiSandbox } from "../testing/pulumi-sandbox";

export interface Upped {
  readonly ms: number;
  /** The most memory that was used at a time, in MB; 0 where it was not seen. */
  readonly peakMB: number;
}

export interface Promoted extends Upped {
  readonly results: readonly { readonly result: string; readonly states: { readonly stored: number } }[];
}

/** Stacks of the real program, driven by the real CLI, in a backend of files of their own. */
export class Deployments {
  private count = 0;

  private constructor(private readonly sandbox: PulumiSandbox) {}

  static async start(): Promise<Deployments> {
    return new Deployments(await PulumiSandbox.create());
  }

  /** A new stack for a database. */
  async stack(databaseUrl: string): Promise<string> {
    this.count += 1;
    const name = `bench${String(this.count).padStart(3, "0")}`;
    await this.sandbox.stack(name, { databaseUrl });
    return name;
  }

  /** `npm run promote` over stacks in one wave, without its launcher. */
  async promote(stacks: readonly string[], ...more: string[]): Promise<Promoted> {
    const { folder: cwd, env } = this.sandbox;
    const args = [
      "--import",
      "tsx",
      join(projectFolder, "promotion", "promote.ts"),
      stacks.join(","),
      "--yes",
      "--json",
    ];
    const started = performance.now();
    const run = new Child(process.execPath, [...args, ...more], { cwd, env });
    let peakMB = 0;
    const timer = setInterval(() => {
      peakMB = Math.max(peakMB, memoryMB([run.pid, ...run.family().map(({ pid }) => pid)]));
    }, 500);
    const { code, stdout, stderr } = await run.ended.finally(() => clearInterval(timer));
    if (code !== 0) throw new Error(`npm run promote ended with exit code ${code}:\n${stdout}\n${stderr}`);
    return { ms: performance.now() - started, peakMB, results: JSON.parse(stdout).waves.flat() };
  }

  /** `up --skip-preview`, and how long it took from the outside. */
  up(stack: string, ...more: string[]): Promise<Upped> {
    return timedUp(this.sandbox, stack, more);
  }

  /** A program without resources and without a database, run by the same CLI in the same way. Returns its stack's `up`. */
  async emptyProgram(): Promise<() => Promise<Upped>> {
    const empty = this.sandbox.in(join(this.sandbox.root, "empty"));
    const write = (name: string, content: string) => writeFileSync(join(empty.folder, name), content);
    mkdirSync(empty.folder);
    // What runs a program is told by Pulumi.yaml, and lies in components/.
    for (const name of ["node_modules", "components"])
      symlinkSync(join(this.sandbox.folder, name), join(empty.folder, name));
    const yaml = readFileSync(join(this.sandbox.folder, "Pulumi.yaml"), "utf8");
    const runtime = yaml.slice(yaml.indexOf("runtime:"), yaml.indexOf("main:"));
    write("Pulumi.yaml", `name: empty\n${runtime}main: index.ts\n`);
    write("package.json", "{}\n");
    write(
      "index.ts",
      'import * as pulumi from "@pulumi/pulumi";\nexport = async () => ({ version: pulumi.version });\n',
    );
    await empty.stack("empty", {});
    await timedUp(empty, "empty", []);
    return () => timedUp(empty, "empty", []);
  }

  remove(): void {
    this.sandbox.remove();
  }
}

async function timedUp(sandbox: PulumiSandbox, stack: string, more: readonly string[]): Promise<Upped> {
  const started = performance.now();
  const up = sandbox.start(["up", "--yes", "--skip-preview", "--stack", stack, ...more]);
  let peakMB = 0;
  const look = () => {
    for (const { pid, command } of up.family())
      if (command.includes("dynamic-provider")) peakMB = Math.max(peakMB, peakMemoryMB(pid));
  };
  const timer = setInterval(look, 250);
  const { code, stdout, stderr } = await up.ended.finally(() => clearInterval(timer));
  if (code !== 0) throw new Error(`pulumi up ended with exit code ${code}:\n${stdout}\n${stderr}`);
  return { ms: performance.now() - started, peakMB };
}
