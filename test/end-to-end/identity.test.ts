import assert from "node:assert/strict";
import { test } from "node:test";
import type { TransferOutputs } from "../../components/key-transfer/args";
import { addressOf, keyOf, pair, seed } from "../support/identity";
import { type Deployment, printed, stackName, withDeployment } from "./stack";

const outputsOf = async (project: Deployment["project"]) =>
  (await project.outputs(stackName)) as unknown as TransferOutputs & { plan: Record<string, unknown> };

test("with proveIdentity, preview tells what is to be proven, up proves it, the view shows it, and the gate asks for it", () =>
  withDeployment({ load: ["wallet-system"] }, {}, async ({ database, project, run, must }) => {
    const ids = await seed(database, [pair(1), pair(2), { ...pair(3), address: pair(4).address }, pair(4)]);
    await must("up");
    const without = await outputsOf(project);
    assert.deepEqual(
      [without.status, "identity" in without.summary, "identity" in without.plan],
      ["complete", false, false],
    );
    const view = `select credential_id as id, identity from wallet_status_monitoring order by array_position('{${ids.join(",")}}'::uuid[], credential_id)`;
    const seen = async () => (await database.query<{ identity: string | null }>(view)).map(({ identity }) => identity);
    assert.deepEqual(await seen(), [null, null, null, null]);

    await must("config", "set", "proveIdentity", "true");
    assert.match(await must("preview"), /4 keys to prove: about 1 second, at an assumed \d+ keys a second/);
    assert.deepEqual(
      await database.query("select to_regclass('public.wallet_key_identity') as made"),
      [{ made: null }],
      "preview writes nothing",
    );
    await must("up");
    const { status, summary, attention, receipt } = await outputsOf(project);
    assert.deepEqual(summary.identity, { proven: 3, mismatch: 1, addressImpossible: 0, notDerivable: 0, unproven: 0 });
    assert.deepEqual([status, receipt.status], ["attention", "attention"]);
    assert.deepEqual(
      attention.map(({ credentialId, finding }) => [credentialId, finding]),
      [[ids[2], "mismatch"]],
    );
    assert.match(attention[0]?.advice ?? "", new RegExp(addressOf(keyOf(3))));
    assert.deepEqual(await seen(), ["proven", "proven", "mismatch", "proven"]);
    await must("preview", "--expect-no-changes");
    await must("up", "--expect-no-changes");

    await project.stack("next", { databaseUrl: database.url, promotedFrom: `organization/wallet-vault/${stackName}` });
    const gate = () => project.pulumi(["preview", "--stack", "next"]);
    assert.match(printed(await gate()), /its status is attention.*\[ERR_NOT_PROVEN\]/s);
    await must("config", "set", "strict", "true");
    assert.match(printed(await run("up")), /status is attention: 1 mismatch.*ERR_ATTENTION/s);
    await must("config", "set", "acceptAttention", '["mismatch:1"]');
    await must("up");
    assert.equal((await gate()).code, 0, "accepted");

    await database.query("grant select on wallet_key_identity to public");
    await database.query(`update project_credentials set wallet_address = '${pair(9).address}' where id = '${ids[0]}'`);
    assert.deepEqual(await seen(), ["unproven", "proven", "mismatch", "proven"]);
    assert.notEqual((await run("preview", "--expect-no-changes")).code, 0);
    const failed = await run("up");
    assert.match(printed(failed), /status is attention: 2 mismatch/);
    assert.deepEqual(await seen(), ["mismatch", "proven", "mismatch", "proven"]);
    assert.deepEqual(
      await database.query("select has_table_privilege('public', 'wallet_key_identity', 'select') as held"),
      [{ held: false }],
    );

    await must("destroy");
    const [kept] = await database.query<{ n: number }>("select count(*)::int as n from wallet_key_identity");
    assert.equal(kept?.n, 4);
  }));
