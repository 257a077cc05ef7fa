import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { constants, homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { pulumiCli } from "../pulumi-cli/pulumi-cli";
import { projectFolder } from "../pulumi-cli/release";
import { sources } from "../revision";

export interface Finished {
  /** 128 and the signal's number if a signal ended it, as a shell would have it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A copy of the program with a backend, a Pulumi home and a passphrase of its own: no test leaves a file in the project. */
export interface TemporaryProject {
  /** Where `Pulumi.yaml` is, and where the CLI writes `Pulumi.<stack>.yaml`. */
  readonly folder: string;
  /** The whole environment for processes that are to see this backend. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs the Pulumi CLI in the folder, without a terminal; never throws because of its exit code. */
  pulumi(args: readonly string[]): Promise<Finished>;
  /** Makes a stack and sets its configuration (namespace `wallet-vault`); anything but a text is set as JSON. */
  stack(name: string, configuration: Readonly<Record<string, unknown>>): Promise<void>;
  /** The outputs of a stack. */
  outputs(stack: string): Promise<Record<string, unknown>>;
  remove(): void;
}

/** Call `remove` when done. node_modules is that of the project. */
export async function temporaryProject(): Promise<TemporaryProject> {
  const root = mkdtempSync(join(tmpdir(), "wallet-vault-project-"));
  const [folder, backend, home] = ["project", "backend", "home"].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [folder, backend, home]) mkdirSync(path);
  for (const part of sources) cpSync(join(projectFolder, part), join(folder, part), { recursive: true });
  symlinkSync(join(projectFolder, "node_modules"), join(folder, "node_modules"));
  // Plugins that this machine has stay found; everything else of the user's own Pulumi is out of reach.
  const plugins = join(process.env["PULUMI_HOME"] || join(homedir(), ".pulumi"), "plugins");
  if (existsSync(plugins)) symlinkSync(plugins, join(home, "plugins"));

  const cli = await pulumiCli();
  const env: NodeJS.ProcessEnv = {
    ...withoutPulumiSettings(process.env),
    ...cli.env,
    PULUMI_BACKEND_URL: `file://${backend}`,
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_HOME: home,
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    NO_COLOR: "1",
  };
  const pulumi = (args: readonly string[]) => finished(cli.command, ["--non-interactive", ...args], folder, env);
  const mustPulumi = async (args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await pulumi(args);
    if (code !== 0) throw new Error(`pulumi ${args.slice(0, 2).join(" ")}: exit code ${code}\n${stdout}\n${stderr}`);
    return stdout;
  };
  return {
    folder,
    env,
    pulumi,
    async stack(name, configuration) {
      await mustPulumi(["stack", "init", name, "--no-select"]);
      const settings = Object.entries(configuration).flatMap(([key, value]) => [
        key === "databaseUrl" ? "--secret" : "--plaintext",
        `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
      ]);
      if (settings.length > 0) await mustPulumi(["config", "set-all", "--stack", name, ...settings]);
    },
    outputs: async (stack) => JSON.parse(await mustPulumi(["stack", "output", "--json", "--stack", stack])),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Runs a program to its end, with nothing on standard input. */
export function finished(
  command: string,
  args: readonly string[],
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code: code ?? 128 + constants.signals[signal!], stdout, stderr }));
  });
}

function withoutPulumiSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("PULUMI_")));
}
