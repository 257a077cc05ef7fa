import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { forTypeScript, projectFolder } from "../../launcher/project-folder";

const commands: Readonly<Record<string, readonly string[]>> = {
  "npm test": ["testing/runner/test.ts"],
  "npm run bench": ["bench/bench.ts"],
  "npm run demo": ["demo/demo.ts"],
  "npm run test:crash": ["test/crash/crash.ts"],
  "npm run promote": ["promotion/promote.ts", "dev"],
};

for (const [command, script] of Object.entries(commands))
  test(`${command} answers an unknown option in one style, and does nothing else; --help helps`, () => {
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [...forTypeScript, ...script, ...args], { cwd: projectFolder, encoding: "utf8" });
    const wrong = run("--hlep");
    assert.equal(wrong.status, 1);
    const said = `${wrong.stdout}\n${wrong.stderr}`.trim();
    assert.equal(said.replace("\n\n0 passed", ""), `Unknown option '--hlep'.\n\n${command} -- --help says more.`);
    const help = run("--help");
    assert.equal(help.status, 0);
    assert.ok(help.stdout.includes(command) && help.stdout.includes("--"), help.stdout);
  });
