import assert from "node:assert/strict";
import { test } from "node:test";
import { states } from "../../components/key-transfer/states";
import { testedMajors, withDatabase } from "../support/database";
import { transfer, withConstraint } from "../../testing/transfer";

/** How many wallets the fixture expects in each state, in its own words. */
const expectedCounts = (column: "before" | "after"): string =>
  `select ${column} as state, count(*)::int as n from expected_state group by 1`;

/** Wallets that did not end as the fixture expects, found without any of the product's SQL. */
const wrongWallets = `
  select e.credential_id
    from expected_state e
    join project_credentials c on c.id = e.credential_id
    left join credential_vault_storage v on v.credential_id = e.credential_id
   where case e.after
           when 'stored' then v.encrypted_private_key is distinct from e.key or c.vault_stored is not true
           when 'conflict' then v.encrypted_private_key is distinct from reverse(e.key)
           else v.id is not null or c.vault_stored is true
         end`;

for (const major of testedMajors) {
  for (const load of [
    ["wallet-system", ["mixed", 400]],
    ["wallet-system", "later-additions", ["mixed", 400]],
  ] as const) {
    const system = load.length === 3 ? "with the sync trigger" : "as the first migration found it";
    test(`every wallet of the field ends as it should, ${system} (PostgreSQL ${major})`, async () => {
      await withDatabase({ major, load, sql: withConstraint }, async ({ url, query }) => {
        const { found, lastRun } = await transfer(url);
        assert.deepEqual(await query(wrongWallets), []);
        const expected = await query<{ state: string; n: number }>(expectedCounts("after"));
        const all = Object.fromEntries(states.map((state) => [state, expected.find((e) => e.state === state)?.n ?? 0]));
        assert.deepEqual(found.counts.states, all);
        assert.equal(found.counts.flagsWrong, 0);
        const pending = (await query<{ state: string; n: number }>(expectedCounts("before"))).find(
          (e) => e.state === "pending",
        );
        assert.equal(lastRun.transferred, pending?.n);
        assert.equal(lastRun.refused, 0);
        assert.equal(lastRun.repaired, 20);
      });
    });
  }
}

test("a second transfer changes no row", async () => {
  await withDatabase({ load: ["wallet-system", ["mixed", 400]], sql: withConstraint }, async ({ url, query }) => {
    const rows = `select (select json_agg(c order by id)::text from project_credentials c) as c,
                         (select json_agg(v order by id)::text from credential_vault_storage v) as v`;
    await transfer(url);
    const first = await query(rows);
    const { lastRun } = await transfer(url);
    assert.deepEqual(await query(rows), first);
    assert.deepEqual([lastRun.transferred, lastRun.flagsSet, lastRun.flagsCleared, lastRun.batches], [0, 0, 0, 0]);
  });
});

test("20 transfers at once end as one does", async () => {
  await withDatabase(
    { load: ["wallet-system", "later-additions", ["mixed", 400]], sql: withConstraint },
    async ({ url, query }) => {
      const results = await Promise.all(Array.from({ length: 20 }, () => transfer(url)));
      assert.deepEqual(await query(wrongWallets), []);
      const [pending] = await query<{ n: number }>(
        "select count(*)::int as n from expected_state where before = 'pending'",
      );
      assert.equal(
        results.reduce((sum, { lastRun }) => sum + lastRun.transferred, 0),
        pending?.n,
      );
    },
  );
});
