import assert from "node:assert/strict";
import { test } from "node:test";
import { projectFolder } from "../../launcher/project-folder";
import { runChild } from "../../testing/child";
import { PulumiSandbox } from "../../testing/pulumi-sandbox";

test("npm run promote with --json prints the result on standard output, and nothing else: no banner of npm's", async () => {
  const project = await PulumiSandbox.create();
  try {
    const command = ["run", "promote", "--", "nowhere", "--json"];
    // Not one of the settings that an npm which runs the tests hands down.
    const env = Object.fromEntries(Object.entries(project.env).filter(([name]) => !/^npm_config_/i.test(name)));
    const { code, stdout, stderr } = await runChild("npm", command, { cwd: projectFolder, env });
    const result = JSON.parse(stdout) as { ok: boolean; waves: { stack: string; result: string }[][] };
    assert.deepEqual(
      [code, result.ok, result.waves.map((wave) => wave.map((stage) => [stage.stack, stage.result]))],
      [1, false, [[["nowhere", "failed"]]]],
      stderr,
    );
  } finally {
    project.remove();
  }
});
