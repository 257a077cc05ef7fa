import assert from "node:assert/strict";
import { test } from "node:test";
import type { TransferOutputs } from "../../components/key-transfer/args";
import { assertNoStack, type Deployment, printed, stackName, withDeployment } from "./stack";
import { wrongVaultRows } from "./database-state";

const load = ["wallet-system", "later-additions", ["mixed", 100]] as const;

test("strict fails an update after its work is done, and every later one, until it is dealt with or given up", () =>
  withDeployment({ load }, { strict: true }, async ({ database, project, run, must }) => {
    for (const attempt of ["first", "second"]) {
      const failed = await run("up");
      assert.notEqual(failed.code, 0, attempt);
      assert.match(printed(failed), /status is attention: 5 conflict.*ERR_ATTENTION/s, attempt);
      assertNoStack(printed(failed));
      assert.equal(await wrongVaultRows(database), 0, attempt);
    }
    const { attention } = await outputsOf(project);
    assert.equal(attention.length, 20, "the wallets that the error speaks of");
    await must("preview", "--expect-no-changes");
    await must("config", "set", "strict", "false");
    await must("up");
    await must("preview", "--expect-no-changes");
  }));

test("the receipt of an update that strict failed is no proof for the next stage, until its attention is accepted", () =>
  withDeployment(
    { load: ["wallet-system", ["waiting", 12]] },
    { strict: true },
    async ({ database, project, run, must }) => {
      const next = { databaseUrl: database.url, promotedFrom: `organization/wallet-vault/${stackName}` };
      await project.stack("next", next);
      const gate = () => project.pulumi(["preview", "--stack", "next"]);
      await must("up");
      const before = await outputsOf(project);
      assert.equal((await gate()).code, 0, "complete");

      await database.query(`update credential_vault_storage set encrypted_private_key = 'another key'
        where credential_id = (select min(credential_id::text)::uuid from credential_vault_storage)`);
      assert.notEqual((await run("up")).code, 0);
      const after = await outputsOf(project);
      assert.deepEqual([after.status, after.summary.states.conflict, after.attention.length], ["attention", 1, 1]);
      assert.ok(Date.parse(after.receipt.at) > Date.parse(before.receipt.at));
      const refused = await gate();
      assert.notEqual(refused.code, 0);
      assert.match(printed(refused), /its status is attention.*\[ERR_NOT_PROVEN\]/s);

      await must("config", "set", "acceptAttention", '["conflict:1"]');
      await must("up");
      assert.equal((await gate()).code, 0, "accepted");
    },
  ));

const outputsOf = async (project: Deployment["project"]) =>
  (await project.outputs(stackName)) as unknown as TransferOutputs;
