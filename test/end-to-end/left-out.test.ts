import assert from "node:assert/strict";
import { test } from "node:test";
import { assertNoStack, printed, stackName, withDeployment } from "./stack";

for (const strict of [false, true])
  test(`the program ends well where the transfer is left out of an update, or was destroyed by itself (strict: ${strict})`, () =>
    withDeployment({ load: ["wallet-system", ["waiting", 3]] }, { strict }, async ({ project, run, must }) => {
      const { stdout } = await project.pulumi(["preview", "--stack", stackName, "--json"]);
      const steps = (JSON.parse(stdout) as { steps: { urn: string }[] }).steps;
      const transfer = steps.find(({ urn }) => urn.endsWith("::transfer"))?.urn ?? "";
      const without = await run("up", "--exclude", transfer);
      assert.equal(without.code, 0, printed(without));
      assertNoStack(printed(without));
      assert.doesNotMatch(printed(without), /TypeError/);
      assert.equal(printed(without).includes("strict is set, but the transfer is not in this stack"), strict);
      const left = await project.outputs(stackName);
      assert.deepEqual([left["receipt"], left["status"]], [undefined, undefined]);
      assert.match(String(left["readme"]), /The transfer is not in this stack/);

      await must("up");
      assert.equal((await project.outputs(stackName))["status"], "complete");
      await must("destroy", "--target", transfer);
      const refreshed = await run("refresh", "--run-program");
      assert.equal(refreshed.code, 0, printed(refreshed));
      assert.doesNotMatch(printed(refreshed), /TypeError/);
    }));
