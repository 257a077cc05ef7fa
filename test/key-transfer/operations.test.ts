import assert from "node:assert/strict";
import { test } from "node:test";
import * as operations from "../../components/key-transfer/operations";
import { differencesBetween } from "../../components/key-transfer/read";
import type { KeyTransferInputs, TransferOutputs } from "../../components/key-transfer/args";
import { type Database, withDatabase } from "../support/database";
import { surveyOf } from "../support/surveys";
import { settingsFor, withConstraint } from "../../testing/transfer";

const load = ["wallet-system", ["mixed", 60]] as const;
const states = ["stored", "pending", "conflict", "ambiguousSource", "unreadableSource", "missingKey"];

/** What `up` hands to the resource. */
async function settings({ url }: Database, changes: Partial<KeyTransferInputs> = {}): Promise<KeyTransferInputs> {
  operations.configure(url);
  return settingsFor(await surveyOf(url), changes);
}

const content = `select (select json_agg(c order by id)::text from project_credentials c) as c,
  (select json_agg(v order by id)::text from credential_vault_storage v) as v`;

/** As Pulumi does: the state is kept as JSON. */
const stored = <T>(state: T): T => JSON.parse(JSON.stringify(state)) as T;

type Saved = KeyTransferInputs & TransferOutputs;

async function created(
  database: Database,
  changes: Partial<KeyTransferInputs> = {},
): Promise<{ id: string; outs: Saved }> {
  const { id, outs } = await operations.create(await settings(database, changes));
  return { id, outs: stored(outs as Saved) };
}

test("the outputs have exactly the fields of the contract", async () => {
  await withDatabase({ load, sql: withConstraint }, async (database) => {
    const { id, outs } = await created(database);
    const inputs = Object.keys(await settings(database));
    assert.equal(id, "public.credential_vault_storage");
    assert.deepEqual(
      Object.keys(outs).filter((key) => !inputs.includes(key)),
      ["status", "summary", "attention", "receipt"],
    );
    assert.deepEqual(Object.keys(outs.summary), ["credentials", "states", "verified", "flagsWrong", "lastRun"]);
    assert.deepEqual(Object.keys(outs.summary.states), states);
    assert.deepEqual(Object.keys(outs.summary.lastRun), [
      "transferred",
      "repaired",
      "refused",
      "flagsSet",
      "flagsCleared",
      "vaultIdsAssigned",
      "batches",
      "retries",
      "durationMs",
    ]);
    assert.deepEqual(Object.keys(outs.receipt), ["revision", "status", "credentials", "verified", "at"]);
    assert.deepEqual([...new Set(outs.attention.flatMap(Object.keys))], ["credentialId", "state", "advice"]);
    assert.equal(new Date(outs.receipt.at).toISOString(), outs.receipt.at);
    const numbers = [...Object.values(outs.summary.states), ...Object.values(outs.summary.lastRun)];
    assert.ok(numbers.every((n) => typeof n === "number" && n >= 0));
    assert.equal(
      Object.values(outs.summary.states).reduce((sum, n) => sum + n),
      outs.summary.credentials,
    );
  });
});

test("attention names up to 20 wallets that a person must look at, by id, with advice", async () => {
  await withDatabase({ load: ["wallet-system", ["mixed", 200]], sql: withConstraint }, async (database) => {
    const { outs } = await created(database);
    assert.equal(outs.status, "attention");
    assert.equal(outs.attention.length, 20);
    const expected = await database.query<{ credentialId: string; state: string }>(`
      select credential_id::text as "credentialId", after as state from expected_state where after <> 'stored'
       order by case after when 'conflict' then 1 when 'ambiguousSource' then 2 when 'unreadableSource' then 3 else 4 end, credential_id
       limit 20`);
    assert.deepEqual(
      outs.attention.map(({ credentialId, state }) => ({ credentialId, state })),
      expected,
    );
    assert.ok(outs.attention.every(({ advice }) => advice.length > 20));
    const [left] = await database.query<{ n: number }>(
      "select count(*)::int - 20 as n from expected_state where after <> 'stored'",
    );
    const told = outs.attention.at(-1)?.advice.match(/ Not listed here: (.+)\.$/)?.[1] ?? "";
    const numbers = told.split(", ").map((part) => Number(part.split(" ")[0]));
    assert.equal(
      numbers.reduce((sum, n) => sum + n),
      left?.n,
      told,
    );
  });
});

test("a diff is seen for pending keys, wrong flags, other counts and another meaning; not for another pace", async () => {
  await withDatabase({ load, sql: withConstraint }, async (database) => {
    const { id, outs } = await created(database);
    const changes = async (news: KeyTransferInputs): Promise<boolean | undefined> =>
      (await operations.diff(id, outs, stored(news))).changes;
    const same = await settings(database);
    assert.equal(await changes(same), false);
    for (const pace of [{ batchTargetMs: 55 }, { lockTimeoutMs: 7 }, { maxMinutes: 3 }, { maxArchiveBacklog: 9 }])
      assert.equal(await changes({ ...same, ...pace }), false);
    for (const meaning of [
      { placeholders: ["x"] },
      { keyPaths: [["k"]] },
      { credentialTypes: ["t"] },
      { schema: "s" },
      { vaultTable: "v" },
      { credentialsTable: "c" },
      { revision: "r2" },
    ])
      assert.equal(await changes({ ...same, ...meaning }), true);
    await database.query("update project_credentials set vault_stored = false where vault_stored");
    assert.equal(await changes(await settings(database)), true);
    await database.query(
      "update project_credentials set vault_stored = true where id in (select credential_id from credential_vault_storage)",
    );
    await database.query(`insert into project_credentials (project_id, credential_type, metadata)
      values (gen_random_uuid(), 'ethereum_wallet', '{"private_key_encrypted": "new"}')`);
    assert.equal(await changes(await settings(database)), true);
  });
});

test("an update moves what came later, and then there is no diff", async () => {
  await withDatabase({ load, sql: withConstraint }, async (database) => {
    const { id, outs } = await created(database);
    await database.query(`insert into project_credentials (project_id, credential_type, metadata)
      values (gen_random_uuid(), 'ethereum_wallet', '{"private_key_encrypted": "new"}')`);
    const updated = stored((await operations.update(id, outs, await settings(database))).outs as Saved);
    assert.equal(updated.summary.lastRun.transferred, 1);
    assert.equal(updated.summary.credentials, outs.summary.credentials + 1);
    assert.equal((await operations.diff(id, updated, await settings(database))).changes, false);
  });
});

test("a refresh renews the counts, keeps the last run, and writes nothing", async () => {
  await withDatabase({ load, sql: withConstraint }, async (database) => {
    const { id, outs } = await created(database);
    const quiet = await operations.read(id, outs);
    assert.deepEqual(quiet, { id, props: outs });
    await database.query(`insert into project_credentials (project_id, credential_type, metadata)
      values (gen_random_uuid(), 'ethereum_wallet', '{"private_key_encrypted": "new"}')`);
    const before = await database.query(content);
    const props = (await operations.read(id, outs)).props as Saved;
    assert.deepEqual(await database.query(content), before);
    assert.equal(props.status, "incomplete");
    assert.equal(props.summary.states.pending, 1);
    assert.equal(props.summary.credentials, outs.summary.credentials + 1);
    assert.deepEqual(props.summary.lastRun, outs.summary.lastRun);
    assert.deepEqual([props.receipt.status, props.receipt.credentials], ["incomplete", outs.summary.credentials + 1]);
  });
});

test("a refresh that finds nothing new leaves a young receipt alone, and renews an old one and one from the future", async () => {
  await withDatabase({ load, sql: withConstraint }, async (database) => {
    const { id, outs } = await created(database);
    for (const [minutes, stays] of [
      [1, true],
      [6, false],
      [100 * 60, false],
      [-100 * 60, false],
    ] as const) {
      const started = Date.now();
      const at = new Date(started - minutes * 60_000).toISOString();
      const { props } = await operations.read(id, { ...outs, receipt: { ...outs.receipt, at } });
      const renewed = Date.parse(props?.receipt?.at ?? "");
      assert.equal(renewed === Date.parse(at), stays, `${minutes} minutes`);
      assert.equal(renewed >= started && renewed <= Date.now(), !stays, `${minutes} minutes`);
    }
  });
});

test("deleting the resource touches no key and no flag", async () => {
  await withDatabase({ load, sql: withConstraint }, async (database) => {
    await created(database);
    const before = await database.query(content);
    await operations.delete();
    assert.deepEqual(await database.query(content), before);
  });
});

test("a run whose time is up ends incomplete, with its numbers and without an error, and the next one goes on", async () => {
  await withDatabase({ load: ["wallet-system", ["waiting", 500]], sql: withConstraint }, async (database) => {
    const { id, outs } = await created(database, { maxMinutes: 1e-9 });
    const { pending, stored: inVault } = outs.summary.states;
    const [rows] = await database.query<{ n: number }>("select count(*)::int as n from credential_vault_storage");
    assert.equal(outs.status, "incomplete");
    assert.ok(pending > 0);
    assert.deepEqual([inVault, outs.summary.lastRun.transferred, pending + inVault], [rows?.n, rows?.n, 500]);
    const next = await settings(database);
    assert.equal((await operations.diff(id, outs, next)).changes, true);
    const done = (await operations.update(id, outs, next)).outs as Saved;
    assert.deepEqual([done.status, done.summary.states.stored], ["complete", 500]);
  });
});

test("a refresh says which numbers differ from those that were recorded, and nothing where none do", () => {
  const before = { stored: 5, pending: 0, conflict: 0, ambiguousSource: 0, unreadableSource: 0, missingKey: 2_000 };
  const recorded = { credentials: 2_005, states: before, flagsWrong: 1, verified: 5 };
  assert.equal(differencesBetween(recorded, recorded), "");
  const now = {
    ...recorded,
    credentials: 2_006,
    flagsWrong: 0,
    states: { ...before, pending: 1_500, missingKey: 501 },
  };
  assert.equal(
    differencesBetween(recorded, now),
    "1 more wallets, 1,500 more pending, 1,499 fewer missingKey, 1 fewer with a wrong flag",
  );
});

test("arguments that cannot be meant fail the check with what is allowed, before the database is asked", async () => {
  operations.configure("postgresql://nobody@127.0.0.1:1/none");
  const survey = {
    credentials: 0,
    states: { stored: 0, pending: 0, conflict: 0, ambiguousSource: 0, unreadableSource: 0, missingKey: 0 },
    flagsWrong: 0,
  };
  const wrong: Record<string, readonly [value: unknown, allowed: RegExp]> = {
    vaultTable: ["x".repeat(64), /a name of 1 to 63 bytes/],
    keyPaths: [[[]], /a list of one or more paths/],
    placeholders: ["MIGRATION_REQUIRED", /a list of texts/],
    credentialTypes: [[""], /a list of credential types/],
    lockTimeoutMs: [1.5, /milliseconds, a whole number from 1 to 60000/],
    lockDeadlineMinutes: [0, /minutes, from 0.001 to 1440/],
    batchTargetMs: [9, /milliseconds, a whole number from 10 to 60000/],
    maxMinutes: [-1, /minutes, at most 10080/],
    maxReplicationLagSeconds: [Infinity, /seconds, more than 0/],
    maxArchiveBacklog: [0, /a whole number of WAL segments/],
    acceptAttention: [["pending:1"], /a list of state:count/],
    revision: [undefined, /a text/],
    survey: [null, /the counts of a survey/],
  };
  for (const [argument, [value, allowed]] of Object.entries(wrong)) {
    const news = { ...settingsFor(survey), [argument]: value } as KeyTransferInputs;
    const { inputs, failures = [] } = await operations.check({}, news);
    assert.equal(inputs, news);
    assert.match(failures[0]?.reason ?? "", new RegExp(`^KeyTransfer: ${argument} is not .*ERR_CONFIGURATION`));
    assert.match(failures[0]?.reason ?? "", allowed);
  }
});

test("a state of an older version, with arguments that this one would refuse, is compared and read, never refused", async () => {
  await withDatabase({ load, sql: withConstraint }, async (database) => {
    const { id, outs } = await created(database);
    const { acceptAttention: _1, maxMinutes: _2, maxArchiveBacklog: _3, ...older } = { ...outs, batchTargetMs: 0 };
    const news = await settings(database);
    assert.deepEqual(await operations.diff(id, older as Saved, news), { changes: false });
    assert.deepEqual(await operations.read(id, older as Saved), { id, props: older });
    assert.deepEqual(await operations.check(older, news), { inputs: news });
  });
});
