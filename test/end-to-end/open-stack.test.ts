import assert from "node:assert/strict";
import { test } from "node:test";
import { openStack } from "../../promotion/stack";
import { PulumiSandbox } from "../../testing/pulumi-sandbox";

test("a stage is opened with what its gate allows, read without its secrets, and only where there is such a stack", async () => {
  const project = await PulumiSandbox.create();
  Object.assign(process.env, project.env);
  try {
    const databaseUrl = "postgresql://nobody@127.0.0.1:1/none";
    await project.stack("strict", { databaseUrl, promotionMaxAgeHours: 0.5 });
    await project.stack("usual", { databaseUrl });
    // Nothing here needs it.
    delete process.env["PULUMI_CONFIG_PASSPHRASE"];
    assert.equal((await openStack("strict", project.folder)).promotionMaxAgeHours, 0.5);
    assert.equal((await openStack("usual", project.folder)).promotionMaxAgeHours, 72);
    await assert.rejects(openStack("nowhere", project.folder), /There is no stack nowhere here/);
  } finally {
    project.remove();
  }
});
