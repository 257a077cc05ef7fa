import assert from "node:assert/strict";
import { test } from "node:test";
import type { TransferOutputs } from "../../components/key-transfer/args";
import { assertNoStack, printed, stackName, withDeployment } from "./stack";

const load = ["wallet-system", ["waiting", 12]] as const;

test("an update of a part of the stack leaves the receipt as it was: neither renewed nor, after a failure, brought back", () =>
  withDeployment({ load }, { strict: true }, async ({ database, project, run, must }) => {
    const outputs = async () => (await project.outputs(stackName)) as unknown as TransferOutputs;
    await must("up");
    const { stdout } = await project.pulumi(["stack", "export", "--stack", stackName]);
    const { deployment } = JSON.parse(stdout) as { deployment: { resources: { urn: string }[] } };
    const urnOf = (name: string) => deployment.resources.find(({ urn }) => urn.endsWith(`::${name}`))?.urn ?? "";
    const proven = await outputs();

    const part = await must("up", "--target", urnOf("wallet_status_monitoring"));
    assert.match(part, /warning: The transfer did nothing in this update of a part of the stack/);
    const untouched = await outputs();
    assert.deepEqual([untouched.status, untouched.receipt], [proven.status, proven.receipt]);

    // The transfer's own state still holds the receipt of the update before.
    await database.query(`alter table credential_vault_storage drop constraint credential_vault_storage_credential_id_key;
      create table credential_vault_storage_credential_id_key ()`);
    assert.notEqual((await run("up")).code, 0);
    const failed = await outputs();
    assert.deepEqual([failed.status, failed.receipt.unfinished], ["incomplete", true]);
    for (const args of [
      ["--target", urnOf("wallet_status_monitoring")],
      ["--exclude", urnOf("constraint"), "--exclude", urnOf("transfer")],
    ]) {
      const strict = await run("up", ...args);
      assert.match(printed(strict), /the update before this one failed.*\[ERR_ATTENTION\]/s);
      assertNoStack(printed(strict));
      assert.deepEqual((await outputs()).receipt, failed.receipt);
      assert.match(String((await project.outputs(stackName))["readme"]), /An update has begun and not ended/);
    }

    await database.query("drop table credential_vault_storage_credential_id_key");
    await must("up");
    assert.equal((await outputs()).status, "complete");

    await database.query(`insert into project_credentials (project_id, credential_type, metadata)
      values (gen_random_uuid(), 'ethereum_wallet', '{"private_key_encrypted": "0xNEW"}')`);
    await must("up", "--target", urnOf("transfer"));
    const renewed = await outputs();
    assert.deepEqual([renewed.status, renewed.receipt.credentials], ["complete", proven.receipt.credentials + 1]);
    assert.ok(renewed.receipt.at > proven.receipt.at);
  }));

test("a configuration that is not valid overtakes the receipt; what its own gate refuses leaves it as it is", () =>
  withDeployment({ load }, {}, async ({ database, project, run, must }) => {
    const outputs = async () => (await project.outputs(stackName)) as unknown as TransferOutputs;
    await project.stack("next", { databaseUrl: database.url, promotedFrom: `organization/wallet-vault/${stackName}` });
    const gate = () => project.pulumi(["preview", "--stack", "next"]);
    await must("up");
    const proven = await outputs();

    await must("config", "set", "promotedFrom", "organization/wallet-vault/next");
    const refused = await run("up");
    assert.match(printed(refused), /\[ERR_NOT_PROVEN\]/);
    assert.deepEqual((await outputs()).receipt, proven.receipt);
    assert.equal((await gate()).code, 0);
    await must("config", "rm", "promotedFrom");

    await must("config", "set", "lockTimeoutMs", "never");
    const invalid = await run("up");
    assert.notEqual(invalid.code, 0);
    assert.match(printed(invalid), /\[ERR_CONFIGURATION\]/);
    assertNoStack(printed(invalid));
    assert.deepEqual((await outputs()).status, "incomplete");
    assert.match(printed(await gate()), /its last update has not ended, or it failed.*\[ERR_NOT_PROVEN\]/s);

    await must("config", "rm", "lockTimeoutMs");
    await must("up");
    assert.deepEqual((await outputs()).receipt, proven.receipt);
    assert.equal((await gate()).code, 0);
  }));
