import assert from "node:assert/strict";
import { test } from "node:test";
import { type Content, testedMajors, withDatabase } from "../support/database";
import { addressOf, keyOf, pair, seed, TestStack } from "../support/identity";
import { withConstraint } from "../../testing/transfer";

const load: Content["load"] = ["wallet-system"];
const content = { load, sql: withConstraint };

for (const major of testedMajors) {
  test(`each stored key is tried once; what it opens is counted, told and kept (PostgreSQL ${major})`, () =>
    withDatabase({ ...content, major }, async (database) => {
      const ids = await seed(database, [
        pair(1),
        { ...pair(2), address: addressOf(keyOf(2)).toUpperCase().replace("X", "x") },
        { key: keyOf(3), address: addressOf(keyOf(4)) },
        { key: keyOf(4), address: addressOf(keyOf(3)) },
        { key: keyOf(5), address: addressOf(keyOf(50)) },
        { key: keyOf(6), address: null },
      ]);
      const stack = new TestStack(database);
      const { status, summary, attention, receipt } = await stack.up();
      assert.deepEqual(summary.identity, {
        proven: 2,
        mismatch: 3,
        addressImpossible: 0,
        notDerivable: 1,
        unproven: 0,
      });
      assert.deepEqual([status, receipt.status, summary.states.stored], ["attention", "attention", 6]);
      const told = new Map(attention.map((entry) => [entry.credentialId, entry]));
      assert.deepEqual([...told.keys()].toSorted(), [ids[2], ids[3], ids[4]].toSorted());
      for (const entry of attention) assert.deepEqual([entry.state, entry.finding], ["stored", "mismatch"]);
      for (const [wallet, other] of [
        [2, 3],
        [3, 2],
      ] as const)
        assert.match(
          told.get(ids[wallet] ?? "")?.advice ?? "",
          new RegExp(`opens ${addressOf(keyOf(wallet + 1))}, the address of wallet ${ids[other]}`),
        );
      assert.match(told.get(ids[4] ?? "")?.advice ?? "", new RegExp(`opens ${addressOf(keyOf(5))}, not its`));
      const kept = await database.query(
        "select finding, count(*)::int as n from wallet_key_identity group by 1 order by 1",
      );
      assert.deepEqual(kept, [
        { finding: "mismatch", n: 3 },
        { finding: "notDerivable", n: 1 },
        { finding: "proven", n: 2 },
      ]);
      const times = "select credential_id, proven_at from wallet_key_identity order by 1";
      const before = await database.query(times);
      assert.deepEqual(await stack.preview(), { changes: [], failures: [] });
      await stack.up();
      assert.deepEqual(await database.query(times), before, "nothing is proven again");
    }));

  test(`a key or address that changes is unproven at once, shows as a diff, and is tried again (PostgreSQL ${major})`, () =>
    withDatabase({ ...content, major }, async (database) => {
      const ids = await seed(database, [pair(1), pair(2), pair(3), pair(4)]);
      const stack = new TestStack(database);
      assert.equal((await stack.up()).status, "complete");
      for (const [what, sql] of [
        ["address", `update project_credentials set wallet_address = '${addressOf(keyOf(9))}' where id = '${ids[0]}'`],
        ["network", `update project_credentials set network = 'sepolia' where id = '${ids[1]}'`],
        [
          "key",
          `update credential_vault_storage set encrypted_private_key = '${keyOf(8)}' where credential_id = '${ids[2]}'`,
        ],
      ] as const) {
        await database.query(sql);
        const refreshed = await stack.refresh();
        assert.deepEqual([refreshed.summary.identity?.unproven, refreshed.status], [1, "incomplete"], what);
        assert.match(refreshed.receipt.reason ?? "", /1 wallet not proven/);
        assert.deepEqual((await stack.preview()).changes, ["identity"], what);
        await stack.up();
        assert.deepEqual((await stack.preview()).changes, [], what);
      }
      const { summary, status } = await stack.refresh();
      assert.deepEqual([summary.identity?.mismatch, summary.identity?.proven, status], [2, 2, "attention"]);
    }));

  test(`a key that the same update moves is proven as well, and what is not stored is not tried (PostgreSQL ${major})`, () =>
    withDatabase({ ...content, major, load: ["wallet-system", ["mixed", 60]] }, async (database) => {
      const [expected] = await database.query<{ stored: number; pending: number }>(
        `select count(*) filter (where after = 'stored')::int as stored, count(*) filter (where before = 'pending')::int as pending from expected_state`,
      );
      const stack = new TestStack(database);
      const { summary, status } = await stack.up();
      assert.equal(summary.states.stored, expected?.stored);
      assert.equal(summary.lastRun.transferred, expected?.pending);
      const { unproven, ...tried } = summary.identity ?? assert.fail();
      assert.equal(unproven, 0);
      assert.equal(
        Object.values(tried).reduce((sum, n) => sum + n),
        expected?.stored,
      );
      assert.equal(status, "attention");
      const [kept] = await database.query<{ n: number }>("select count(*)::int as n from wallet_key_identity");
      assert.equal(kept?.n, expected?.stored);
      assert.deepEqual((await stack.preview()).changes, []);
    }));
}

test("accepted mismatches are accepted up to their number", () =>
  withDatabase(content, async (database) => {
    await seed(database, [pair(1), { ...pair(2), address: pair(3).address }]);
    for (const [accepted, is] of [
      [["mismatch:0"], false],
      [["mismatch:1"], true],
    ] as const) {
      const { status, receipt } = await new TestStack(database, { acceptAttention: accepted }).up();
      assert.deepEqual([status, receipt.attentionAccepted], ["attention", is]);
    }
  }));

test("a run whose time is up says how many are unproven, and the next one goes on", () =>
  withDatabase(content, async (database) => {
    await seed(
      database,
      Array.from({ length: 300 }, (_, n) => pair(n)),
    );
    const { status, summary, receipt } = await new TestStack(database, { maxMinutes: 1e-9 }).up();
    assert.equal(status, "incomplete");
    assert.ok((summary.identity?.unproven ?? 0) > 0);
    assert.match(receipt.reason ?? "", /wallets not proven\. .*its time \(maxMinutes\) was up/);
    const done = await new TestStack(database).up();
    assert.deepEqual([done.status, done.summary.identity?.proven], ["complete", 300]);
  }));
