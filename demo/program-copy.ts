import { appendFileSync, cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StageReport } from "../promotion/result";
import type { PulumiCli } from "../pulumi-cli/pulumi-cli";
import { projectFolder } from "../pulumi-cli/release";
import { sources } from "../revision";
import { PulumiSandbox } from "../testing/pulumi-sandbox";
import { runChild } from "../testing/run-child";

/** What `npm run promote` and `npm run pulumi` need. */
const parts = [...sources, "promotion", "launcher", "pulumi-cli"];

/** How a promotion ended: what `--json` prints, wave by wave. */
export interface Promotion {
  readonly code: number | null;
  readonly stages: readonly Pick<StageReport, "stack" | "result" | "states" | "receipt">[];
}

/** The program in a folder of its own: the runner reads `Pulumi.<stack>.yaml` there, and none is written into the project. */
export class ProgramCopy {
  readonly folder: string;

  constructor(
    cli: PulumiCli,
    readonly sandbox = new PulumiSandbox(cli),
  ) {
    this.folder = sandbox.subfolder("project");
    for (const part of parts) cpSync(join(projectFolder, part), join(this.folder, part), { recursive: true });
    symlinkSync(join(projectFolder, "node_modules"), join(this.folder, "node_modules"));
  }

  /** @param from the stack that must be proven first, if any */
  async stack(name: string, databaseUrl: string, from?: string): Promise<void> {
    await this.pulumi(["stack", "init", name, "--no-select"]);
    // Through standard input: arguments are there for every user of the machine to see.
    await this.pulumi(["config", "set", "--secret", "databaseUrl", "--stack", name], databaseUrl);
    if (from !== undefined) await this.configure(name, "promotedFrom", `organization/wallet-vault/${from}`);
  }

  configure(stack: string, key: string, value: string): Promise<void> {
    return this.pulumi(["config", "set", key, value, "--stack", stack]);
  }

  /** Tries a plain `pulumi preview` or `pulumi up`. Returns what the gate says; undefined where it lets the stack through. */
  async refusal(command: "preview" | "up", stack: string): Promise<string | undefined> {
    const agreed = command === "up" ? ["--yes", "--skip-preview"] : [];
    try {
      await this.pulumi([command, ...agreed, "--stack", stack, "--json"]);
      return undefined;
    } catch (error) {
      const lines = error instanceof Error ? error.message.split("\n") : [];
      const refusal = lines.find((line) => line.includes("[ERR_NOT_PROVEN]"));
      if (refusal === undefined) throw error;
      return refusal;
    }
  }

  /**
   * What `npm run promote -- <args> --yes` does.
   *
   * @param told each line of its progress
   */
  async promote(args: readonly string[], told: (line: string) => void): Promise<Promotion> {
    const [out, said]: [string[], string[]] = [[], []];
    const script = ["launcher/run.mjs", "promotion/promote.ts", ...args, "--yes", "--json"];
    const code = await runChild(process.execPath, script, {
      cwd: this.folder,
      env: this.sandbox.environment,
      out: (line) => out.push(line),
      err: (line) => {
        said.push(line);
        told(line);
      },
    });
    if (out.length === 0) throw new Error(`npm run promote ended with exit code ${code}:\n${said.join("\n")}`);
    const { waves } = JSON.parse(out.join("\n")) as { waves: Promotion["stages"][] };
    return { code, stages: waves.flat() };
  }

  /** Changes the program by a comment, for as long as `work` takes. */
  async edited<T>(file: string, work: () => Promise<T>): Promise<T> {
    const path = join(this.folder, file);
    const before = readFileSync(path);
    appendFileSync(path, "// One more comment.\n");
    try {
      return await work();
    } finally {
      writeFileSync(path, before);
    }
  }

  private pulumi(args: readonly string[], input?: string): Promise<void> {
    return this.sandbox.pulumi(args, this.folder, input);
  }
}
