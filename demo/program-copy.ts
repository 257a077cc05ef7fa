import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StageReport } from "../promotion/result";
import type { PulumiCli } from "../pulumi-cli/pulumi-cli";
import { sources } from "../revision";
import { runChild } from "../testing/child";
import { PulumiSandbox } from "../testing/pulumi-sandbox";

/** What `npm run promote` and `npm run pulumi` need. */
const parts = [...sources, "promotion", "launcher", "pulumi-cli"];

/** How a promotion ended: what `--json` prints, wave by wave. */
export interface Promotion {
  readonly code: number;
  readonly stages: readonly Pick<StageReport, "stack" | "result" | "states" | "receipt">[];
}

/** The program in a folder of its own: the runner reads `Pulumi.<stack>.yaml` there, and none is written into the project. */
export class ProgramCopy {
  private constructor(readonly sandbox: PulumiSandbox) {}

  static async create(cli: PulumiCli): Promise<ProgramCopy> {
    return new ProgramCopy(await PulumiSandbox.create({ cli, parts, plugins: false }));
  }

  /** @param from the stack that must be proven first, if any */
  stack(name: string, databaseUrl: string, from?: string): Promise<void> {
    const first = from === undefined ? {} : { promotedFrom: `organization/wallet-vault/${from}` };
    return this.sandbox.stack(name, { databaseUrl, ...first });
  }

  async configure(stack: string, key: string, value: string): Promise<void> {
    await this.sandbox.must(["config", "set", key, value, "--stack", stack]);
  }

  /** Tries a plain `pulumi preview` or `pulumi up`. Returns what the gate says; undefined where it lets the stack through. */
  async refusal(command: "preview" | "up", stack: string): Promise<string | undefined> {
    const agreed = command === "up" ? ["--yes", "--skip-preview"] : [];
    try {
      await this.sandbox.stream([command, ...agreed, "--stack", stack]);
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
    const script = ["launcher/run.mjs", "promotion/promote.ts", ...args, "--yes", "--json"];
    const { folder: cwd, env } = this.sandbox;
    const { code, stdout, stderr } = await runChild(process.execPath, script, { cwd, env, err: told });
    if (stdout === "") throw new Error(`npm run promote ended with exit code ${code}:\n${stderr}`);
    const { waves } = JSON.parse(stdout) as { waves: Promotion["stages"][] };
    return { code, stages: waves.flat() };
  }

  /** Changes the program by a comment, for as long as `work` takes. */
  async edited<T>(file: string, work: () => Promise<T>): Promise<T> {
    const path = join(this.sandbox.folder, file);
    const before = readFileSync(path);
    appendFileSync(path, "// One more comment.\n");
    try {
      return await work();
    } finally {
      writeFileSync(path, before);
    }
  }
}
