import assert from "node:assert/strict";
import { test } from "node:test";
import * as operations from "../../components/key-transfer/operations";
import type { KeyTransferInputs, TransferOutputs } from "../../components/key-transfer/args";
import { type Database, testedMajors, withDatabase } from "../support/database";
import { surveyOf } from "../support/surveys";
import { settingsFor, withConstraint } from "../../testing/transfer";

type Saved = KeyTransferInputs & TransferOutputs;

async function created(
  database: Database,
  changes: Partial<KeyTransferInputs> = {},
): Promise<{ id: string; outs: Saved }> {
  operations.configure(database.url);
  const { id, outs } = await operations.create(settingsFor(await surveyOf(database.url), changes));
  return { id, outs: JSON.parse(JSON.stringify(outs)) as Saved };
}

/** What holds of every result, however it came about. */
function assertConsistent({ status, summary, attention, receipt }: TransferOutputs): void {
  const counted = Object.values(summary.states).reduce((sum, n) => sum + n);
  assert.equal(counted, summary.credentials, "the states add up");
  assert.equal(new Set(attention.map(({ credentialId }) => credentialId)).size, attention.length, "an id once");
  for (const entry of attention) assert.ok(entry.advice.length > 20, JSON.stringify(entry));
  const pending = attention.filter(({ state }) => state === "pending").length;
  if (attention.length < 20) assert.equal(pending, summary.states.pending, "every pending wallet is told");
  assert.equal(status === "incomplete", receipt.reason !== undefined, "incomplete has a reason");
  assert.equal(receipt.status, status);
}

const id = (n: number): string => `00000000-0000-0000-0000-00000000000${n}`;
const wallet = (n: number, flagged: boolean, metadata: string): string =>
  `insert into project_credentials (id, project_id, credential_type, network, vault_stored, vault_backup_date, metadata)
   values ('${id(n)}', gen_random_uuid(), 'ethereum_wallet', 'n${n}', ${flagged}, ${flagged ? "now()" : "null"}, '${metadata}');`;
const key = (n: number): string => `{"private_key_encrypted": "0xTESTKEY-${n}"}`;

for (const major of testedMajors)
  test(`a wallet whose flag cannot be put right stands in the list once, with its state and both reasons (PostgreSQL ${major})`, () => {
    const sql = `${withConstraint}; ${wallet(1, true, "{}")} ${wallet(2, false, key(2))} ${wallet(3, true, key(3))}
      insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key) values ('${id(2)}', 'v2', '0xTESTKEY-2');
      alter table project_credentials add constraint frozen check (vault_stored = (id <> '${id(2)}'));`;
    return withDatabase({ major, sql }, async (database) => {
      const { outs } = await created(database);
      assertConsistent(outs);
      assert.deepEqual([outs.status, outs.summary.flagsWrong, outs.summary.states.missingKey], ["incomplete", 2, 1]);
      const told = outs.attention.map(({ credentialId, state, advice }) => [credentialId, state, advice]);
      const refused = "could not be put right: 23514 check_violation, constraint frozen";
      assert.deepEqual(
        told.map(([credentialId, state]) => [credentialId, state]),
        [
          [id(2), "stored"],
          [id(1), "missingKey"],
        ],
      );
      for (const [, , advice] of told) assert.ok(advice?.includes(refused), advice);
      assert.match(told[1]?.[2] ?? "", /^No key anywhere\./);
    });
  });

for (const major of testedMajors)
  test(`a refresh counts every wallet once where the constraint is gone and a second vault row there (PostgreSQL ${major})`, () =>
    withDatabase({ major, load: ["wallet-system", ["waiting", 5]], sql: withConstraint }, async (database) => {
      const { id: urn, outs } = await created(database);
      await database.query(`alter table credential_vault_storage drop constraint credential_vault_storage_credential_id_key;
        insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
          select credential_id, 'second', 'MIGRATION_REQUIRED' from credential_vault_storage limit 1`);
      const props = (await operations.read(urn, outs)).props as Saved;
      assertConsistent(props);
      assert.deepEqual([props.summary.credentials, props.summary.states.stored, props.status], [5, 5, "complete"]);
    }));

const reasons: readonly { what: string; sql?: string; changes?: Partial<KeyTransferInputs>; advice: RegExp }[] = [
  {
    what: "refused by the database",
    sql: "alter table credential_vault_storage add constraint never check (vault_id = '') not valid",
    advice: /^The database refused the vault row: 23514 check_violation, constraint never\. /,
  },
  {
    what: "left when the time was up",
    changes: { maxMinutes: 1e-9 },
    advice: /^The run ended .* its time \(maxMinutes\) was up\. /,
  },
];
for (const { what, sql = "", changes = {}, advice } of reasons)
  test(`wallets that are ${what} are pending with that reason, also after a refresh; those that are not listed are counted`, () =>
    withDatabase({ load: ["wallet-system", ["waiting", 30]], sql: `${withConstraint}; ${sql}` }, async (database) => {
      const { id: urn, outs } = await created(database, changes);
      const refreshed = (await operations.read(urn, outs)).props as Saved;
      for (const result of [outs, refreshed]) {
        assertConsistent(result);
        assert.deepEqual([result.status, result.attention.length], ["incomplete", 20]);
        for (const entry of result.attention) assert.match(entry.advice, advice);
        assert.match(result.attention.at(-1)?.advice ?? "", / Not listed here: 10 pending\.$/);
      }
      assert.deepEqual(refreshed.receipt, outs.receipt, "a refresh is quiet");
    }));

for (const major of testedMajors)
  test(`where all wallets are refused for one reason a run says so after the first hundreds (PostgreSQL ${major})`, () => {
    const sql = `${withConstraint}; alter table credential_vault_storage add constraint never check (vault_id = '')`;
    return withDatabase({ major, load: ["wallet-system", ["waiting", 6000]], sql }, async (database) => {
      const { outs } = await created(database);
      assertConsistent(outs);
      const { refused } = outs.summary.lastRun;
      assert.ok(refused >= 200 && refused < 3000, `${refused} were tried`);
      assert.equal(outs.summary.states.pending, 6000);
      assert.match(
        outs.receipt.reason ?? "",
        /^6,000 keys pending\. .*all for one reason: 23514 check_violation, constraint never/,
      );
    });
  });

test("wallets elsewhere are moved although the first hundreds are all refused for one reason", () => {
  const sql = `${withConstraint}; alter table credential_vault_storage add constraint later check (substr(vault_id, 10)::int > 500)`;
  return withDatabase({ load: ["wallet-system", ["waiting", 3000]], sql }, async (database) => {
    const { outs } = await created(database);
    assertConsistent(outs);
    assert.deepEqual([outs.summary.states.stored, outs.summary.states.pending], [2500, 500]);
  });
});
