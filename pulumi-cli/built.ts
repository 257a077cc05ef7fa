import { spawn, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withProgress, type Log } from "./progress";
import { projectFolder, wantedVersion } from "./release";

const versionFlag = "-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

/** A program of Pulumi: the Go module that pins what it is built from, its package, and the version it reports. */
interface Program {
  readonly module: "cli" | "language";
  readonly source: string;
  readonly version: string;
}

const programs: readonly Program[] = [
  { module: "cli", source: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi", version: wantedVersion },
  // The last release of the SDK module that holds the language host. It runs programs of today's SDK and CLI.
  {
    module: "language",
    source: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
    version: "3.66.0",
  },
];

/** Builds the CLI and its Node.js language host from their Go modules into `bin`. Throws with the reason. */
export async function buildFromModules(bin: string, log: Log): Promise<void> {
  const go = goVersion();
  log(`Building the Pulumi CLI ${wantedVersion} with ${go}: once, two to five minutes…`);
  mkdirSync(bin);
  for (const program of programs) await build(program, bin, log);
  wrapLanguageHost(bin);
  // The CLI starts dynamic providers with this script, and looks for it beside itself.
  const script = "pulumi-resource-pulumi-nodejs";
  copyFileSync(join(projectFolder, "node_modules", "@pulumi", "pulumi", script), join(bin, script));
  chmodSync(join(bin, script), 0o755);
}

/**
 * The runtime options of Pulumi.yaml, as this older host takes them: today's CLI sends them in a way it does not know,
 * and it would type-check the whole program with ts-node at every start. The CLI starts a host in the project's folder.
 */
function wrapLanguageHost(bin: string): void {
  const host = join(bin, "pulumi-language-nodejs");
  renameSync(host, `${host}.host`);
  const wrapper = `#!/bin/sh
nodeargs=$(sed -n 's/^ *nodeargs: *//p' Pulumi.yaml)
exec "$0.host" -typescript=false "-nodeargs=$nodeargs" "$@"
`;
  writeFileSync(host, wrapper, { mode: 0o755 });
}

const moduleFolder = (program: Program["module"]) => join(__dirname, program);

/** Asked in the module's folder: there Go applies go.mod's own demand, and may switch to a newer toolchain by itself. */
function goVersion(): string {
  const go = spawnSync("go", ["version"], { cwd: moduleFolder("cli"), encoding: "utf8" });
  const needed = "Go 1.25.8 or later is needed to build the Pulumi CLI";
  if (go.error !== undefined) throw new Error(`${needed}, and there is no go on PATH`);
  if (go.status !== 0) throw new Error(`${needed}: ${go.stderr.trim()}`);
  return /go\d\S*/.exec(go.stdout)?.[0] ?? "Go";
}

function build(program: Program, bin: string, log: Log): Promise<void> {
  const name = program.source.split("/").at(-1) as string;
  const flags = ["-mod=readonly", "-trimpath", "-buildvcs=false", "-v"];
  const linking = ["-ldflags", `-s -w ${versionFlag}=${program.version}`];
  let output = "";
  let downloaded = 0;
  let compiled = 0;
  const doing = () =>
    compiled > 0 ? `${name}: ${compiled} packages compiled` : `${name}: ${downloaded} modules downloaded`;
  const done = new Promise<void>((resolve, reject) => {
    const child = spawn("go", ["build", ...flags, ...linking, "-o", join(bin, name), program.source], {
      cwd: moduleFolder(program.module),
      env: { ...process.env, CGO_ENABLED: "0", GOWORK: "off" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      downloaded = count(output, /^go: downloading /gm);
      compiled = count(output, /^[^\s:]+\n/gm);
    });
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) return resolve();
      const tail = output.split("\n").filter((line) => /[\s:]/.test(line) && !line.startsWith("go: downloading "));
      reject(new Error(`go build of ${name} failed:\n${tail.slice(-15).join("\n")}`));
    });
  });
  return withProgress(log, doing, () => done);
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
