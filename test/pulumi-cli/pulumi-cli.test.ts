import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { forTypeScript } from "../../launcher/project-folder";
import { checksumIn } from "../../pulumi-cli/official";
import { pulumiOnPath } from "../../pulumi-cli/on-path";
import { isUsable, wantedVersion } from "../../pulumi-cli/release";
import { pulumiCli } from "../../pulumi-cli/pulumi-cli";

const folder = mkdtempSync(join(tmpdir(), "wallet-vault-cli-"));
after(() => rmSync(folder, { recursive: true }));

/** A folder with programs in it that print what they are given here. */
function programs(name: string, outputs: Record<string, string>): string {
  const bin = join(folder, name);
  mkdirSync(bin);
  for (const [program, output] of Object.entries(outputs)) {
    writeFileSync(join(bin, program), `#!/bin/sh\necho '${output}'\n`);
    chmodSync(join(bin, program), 0o755);
  }
  return bin;
}

test("a pulumi that is too old is passed over, and the reason names both versions", () => {
  const bin = programs("old", { pulumi: "v3.199.9", "pulumi-language-nodejs": "" });
  const reason = `${join(bin, "pulumi")} is version 3.199.9; 3.200.0 or later of major 3 is needed`;
  assert.deepEqual(pulumiOnPath(bin), { passedOver: reason });
});

test("a pulumi without its Node.js language host is passed over", () => {
  const bin = programs("bare", { pulumi: "v3.230.0" });
  assert.match(JSON.stringify(pulumiOnPath(bin)), /comes without pulumi-language-nodejs/);
});

test("a pulumi that does not tell its version is passed over", () => {
  const bin = programs("mute", { pulumi: "hello", "pulumi-language-nodejs": "" });
  assert.match(JSON.stringify(pulumiOnPath(bin)), /does not tell its version/);
});

test("no pulumi on PATH is no reason to complain", () => {
  assert.deepEqual(pulumiOnPath(programs("empty", {})), { passedOver: undefined });
});

test("the language host is found beside the real file that a link on PATH leads to", () => {
  const real = programs("real", { pulumi: "v3.231.0", "pulumi-language-nodejs": "" });
  const bin = programs("linked", {});
  symlinkSync(join(real, "pulumi"), join(bin, "pulumi"));
  assert.deepEqual(pulumiOnPath(bin), { command: join(bin, "pulumi"), version: "3.231.0" });
});

test("a pulumi on PATH that will do is used, with its folder first on PATH", async () => {
  const bin = programs("good", { pulumi: "v3.200.0", "pulumi-language-nodejs": "" });
  const [path, ignore] = [process.env["PATH"], process.env["WALLET_VAULT_IGNORE_PATH_PULUMI"]];
  process.env["PATH"] = `${bin}:${path}`;
  delete process.env["WALLET_VAULT_IGNORE_PATH_PULUMI"];
  try {
    const { env, ...cli } = await pulumiCli(assert.fail);
    assert.deepEqual(cli, { command: join(bin, "pulumi"), version: "3.200.0", origin: "path" });
    assert.equal(env["PATH"]?.split(":")[0], bin);
  } finally {
    process.env["PATH"] = path;
    if (ignore !== undefined) process.env["WALLET_VAULT_IGNORE_PATH_PULUMI"] = ignore;
  }
});

test("versions are compared as numbers, within major 3", () => {
  for (const version of ["3.200.0", "3.1000.0", wantedVersion]) assert.equal(isUsable(version), true, version);
  for (const version of ["3.99.0", "2.300.0", "4.0.0", "nonsense"]) assert.equal(isUsable(version), false, version);
});

test("the checksum of exactly the named file is taken from a release's list", () => {
  const [one, two] = ["1".repeat(64), "2".repeat(64)];
  const list = `${one}  pulumi-v3.230.0-linux-x64.tar.gz.sig\n${two}  pulumi-v3.230.0-linux-x64.tar.gz\n`;
  assert.equal(checksumIn(list, "pulumi-v3.230.0-linux-x64.tar.gz"), two);
  assert.throws(() => checksumIn(list, "pulumi-v3.230.0-linux-arm64.tar.gz"), /do not list/);
  assert.throws(() => checksumIn("abc  a.tar.gz", "a.tar.gz"), /do not list/);
});

// Pulumi would otherwise refresh and destroy with the connection of the last update.
test("npm run pulumi runs the program for refresh and destroy, says so, and leaves what somebody chose", () => {
  const bin = programs("asked", { "pulumi-language-nodejs": "" });
  const script = '#!/bin/sh\n[ "$1" = version ] && echo v3.230.0 || echo "$PULUMI_RUN_PROGRAM $*"\n';
  writeFileSync(join(bin, "pulumi"), script);
  chmodSync(join(bin, "pulumi"), 0o755);
  const { PULUMI_RUN_PROGRAM: _, WALLET_VAULT_IGNORE_PATH_PULUMI: _2, ...rest } = process.env;
  const said = (args: string[], chosen = {}) => {
    const env = { ...rest, PATH: `${bin}:${rest["PATH"]}`, ...chosen };
    const launcher = join(__dirname, "..", "..", "pulumi-cli", "pulumi.ts");
    const options = { encoding: "utf8", env } as const;
    const { stdout, stderr } = spawnSync(process.execPath, [...forTypeScript, launcher, ...args], options);
    return [stdout.trim(), /runs first/.test(stderr)];
  };
  assert.deepEqual(said(["refresh", "--yes"]), ["true refresh --yes", true]);
  assert.deepEqual(said(["destroy"]), ["true destroy", true]);
  assert.deepEqual(said(["preview", "--refresh"]), ["true preview --refresh", true]);
  assert.deepEqual(said(["up"]), ["true up", false]);
  assert.deepEqual(said(["refresh", "--run-program=false"]), ["true refresh --run-program=false", false]);
  assert.deepEqual(said(["refresh"], { PULUMI_RUN_PROGRAM: "false" }), ["false refresh", false]);
});
