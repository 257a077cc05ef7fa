import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PulumiCli } from "../pulumi-cli/pulumi-cli";
import { cleanUpAtExit, deleteFolder, forget } from "./cleanup";
import { type EngineEvent, plain } from "./engine-events";
import { runChild } from "./run-child";

/** Settings of the user's own Pulumi, and the summary of a CI job, which is no place for a demo. */
const notOurs = /^(PULUMI_|GITHUB_STEP_SUMMARY$)/;

/** A temporary folder with a backend, a passphrase and a Pulumi home: nothing is written into the user's own Pulumi. */
export class PulumiSandbox {
  readonly folder = mkdtempSync(join(tmpdir(), "wallet-vault-demo-"));

  /** What the CLI needs to find the stacks again. The passphrase is worth nothing without the folder. */
  readonly settings: Readonly<Record<string, string>> = {
    PULUMI_BACKEND_URL: `file://${join(this.folder, "backend")}`,
    PULUMI_CONFIG_PASSPHRASE: randomBytes(18).toString("base64url"),
    PULUMI_HOME: join(this.folder, "home"),
  };

  constructor(private readonly cli: PulumiCli) {
    cleanUpAtExit(this, () => deleteFolder(this.folder));
    for (const name of ["backend", "home"]) mkdirSync(join(this.folder, name));
  }

  /** A new folder in this one. */
  subfolder(name: string): string {
    const path = join(this.folder, name);
    mkdirSync(path);
    return path;
  }

  /** The whole environment of a program that is to see these stacks, and no others. */
  get environment(): NodeJS.ProcessEnv {
    const others = Object.entries(process.env).filter(([name]) => !notOurs.test(name));
    return { ...Object.fromEntries(others), ...this.cli.env, ...this.settings };
  }

  /**
   * Runs the Pulumi CLI.
   *
   * @throws Error with what it said, where it does not end well
   */
  async pulumi(
    args: readonly string[],
    cwd: string,
    input = "",
    heard: (event: EngineEvent) => void = () => undefined,
  ): Promise<void> {
    const said: string[] = [];
    const code = await runChild(this.cli.command, [...args, "--non-interactive"], {
      cwd,
      env: { ...this.environment, PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" },
      input,
      err: (line) => said.push(line),
      out: (line) => {
        const event = line.startsWith("{") ? (JSON.parse(line) as EngineEvent) : undefined;
        if (event === undefined) return void said.push(line);
        if (event.diagnosticEvent?.severity === "error") said.push(plain(event.diagnosticEvent.message));
        heard(event);
      },
    });
    if (code !== 0) throw new Error(`pulumi ${args[0]} ended with exit code ${code}:\n${said.join("\n")}`);
  }

  /** Lets the folder outlive this process. */
  keep(): void {
    forget(this);
  }

  remove(): void {
    forget(this);
    deleteFolder(this.folder);
  }
}
