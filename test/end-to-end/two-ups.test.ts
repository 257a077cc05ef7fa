import assert from "node:assert/strict";
import { test } from "node:test";
import { withDatabase } from "../support/database";
import { PulumiSandbox } from "../../testing/pulumi-sandbox";
import { deployment, stackName } from "./stack";
import { expectedStates, wrongVaultRows } from "./database-state";

test("two updates of one database at the same time, from two backends, both end well", () =>
  withDatabase({ load: ["wallet-system", "later-additions", ["mixed", 4000]] }, async (database) => {
    const projects = await Promise.all([PulumiSandbox.create(), PulumiSandbox.create()]);
    try {
      const stacks = projects.map((project) => deployment(database, project));
      await Promise.all(projects.map((project) => project.stack(stackName, { databaseUrl: database.url })));
      await Promise.all(stacks.map((stack) => stack.must("up")));
      assert.equal(await wrongVaultRows(database), 0);

      const after = await expectedStates(database, "after");
      let moved = 0;
      for (const project of projects) {
        const outputs = (await project.outputs(stackName)) as unknown as Outputs;
        // Either read back all wallets when its own work was done; the other may have been at it still.
        assert.ok(["attention", "incomplete"].includes(outputs.status), outputs.status);
        assert.equal(outputs.constraint.arbiterProven, true);
        moved += outputs.summary.lastRun.transferred;
      }
      const [before] = await database.query<{ n: number }>(
        "select count(*)::int as n from expected_state where before = 'pending'",
      );
      assert.equal(moved, before?.n, "each key is moved once, by one of them");
      await stacks[0]?.must("up");
      const outputs = (await projects[0]?.outputs(stackName)) as unknown as Outputs;
      assert.deepEqual([outputs.status, outputs.summary.states], ["attention", after]);
    } finally {
      for (const project of projects) project.remove();
    }
  }));

interface Outputs {
  readonly status: string;
  readonly summary: { readonly states: unknown; readonly lastRun: { readonly transferred: number } };
  readonly constraint: { readonly arbiterProven: boolean };
}
