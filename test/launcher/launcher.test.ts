import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

const launcher = join(__dirname, "..", "..", "launcher", "run.mjs");
const folder = mkdtempSync(join(tmpdir(), "wallet-vault-launcher-"));
after(() => rmSync(folder, { recursive: true }));

function script(name: string, source: string): string {
  const file = join(folder, name);
  writeFileSync(file, source);
  return file;
}

test("the launcher passes arguments, standard output and the exit code through", () => {
  const file = script("echo.ts", "const args: string[] = process.argv.slice(2); console.log(args); process.exit(7);");
  // Colours would be in the output, and a warning of Node.js.
  const { FORCE_COLOR: _, ...env } = process.env;
  const args = [launcher, file, "a b", "--c"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", env });
  assert.deepEqual([status, stdout, stderr], [7, "[ 'a b', '--c' ]\n", ""]);
});

test("the launcher runs scripts in the project folder, wherever it was called", () => {
  const file = script("where.ts", "console.log(process.cwd())");
  const { stdout } = spawnSync(process.execPath, [launcher, file], { encoding: "utf8", cwd: folder });
  assert.equal(stdout.trim(), join(__dirname, "..", ".."));
});

test("what a shell sets for psql does not reach scripts that start servers of their own", () => {
  const file = script(
    "settings.ts",
    "console.log(Object.keys(process.env).filter((name) => name.startsWith('PG')).join() || 'none')",
  );
  const env = { ...process.env, PGSSLMODE: "require", PGHOST: "elsewhere" };
  const { stdout } = spawnSync(process.execPath, [launcher, file], { encoding: "utf8", env });
  assert.equal(stdout, "none\n");
});

for (const version of ["18.20.0", "20.18.3", "21.7.3", "22.11.0"])
  test(`the launcher refuses Node.js ${version}, which a dependency does not support`, () => {
    const pretend = `Object.defineProperty(process.versions, "node", { value: "${version}" })`;
    const { status, stderr } = spawnSync(
      process.execPath,
      ["--import", `data:text/javascript,${encodeURIComponent(pretend)}`, launcher, "nothing.ts"],
      { encoding: "utf8" },
    );
    assert.deepEqual([status, stderr.includes(`this is ${version}.`)], [1, true]);
  });

for (const signal of ["SIGINT", "SIGTERM"] as const)
  test(`the launcher hands ${signal} on, once, and ends as its script does`, async () => {
    const handler = `process.on("${signal}", () => { console.log("got it"); setTimeout(() => process.exit(5), 50); });`;
    const file = script(`${signal}.ts`, `${handler} setInterval(() => {}, 1000); console.log("ready");`);
    const child = spawn(process.execPath, [launcher, file], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (text === "ready\n") child.kill(signal);
    });
    const [code] = (await once(child, "close")) as [number | null];
    assert.deepEqual([output, code], ["ready\ngot it\n", 5]);
  });

test("without a script the launcher says how it is used", () => {
  const { status, stderr } = spawnSync(process.execPath, [launcher], { encoding: "utf8" });
  assert.equal(status, 1);
  assert.match(stderr, /^Usage: /);
});
