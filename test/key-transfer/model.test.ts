import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { transferKeys } from "../../components/key-transfer/apply";
import type { LastRun } from "../../components/key-transfer/summary";
import { fixture } from "../../fixtures/fixtures";
import type { Major } from "../../testing/postgres-server";
import { type Database, withDatabase } from "../support/database";
import { expectationOf, type ModelWallet } from "../support/model";
import { type RandomCase, randomCase } from "../support/random-wallets";
import { surveyOf } from "../support/surveys";
import { limits, wallets as places } from "../../fixtures/wallets";
import { withConstraint } from "../../testing/transfer";

interface Row {
  readonly id: string;
  readonly flag: boolean | null;
  readonly date: string | null;
  /** Digest of the row with everything in it, its transaction included. */
  readonly all: string;
  /** Digest of what no transfer may change. */
  readonly rest: string;
  readonly vault_id: string | null;
  readonly key: string | null;
  readonly vault_all: string;
  readonly vault_rest: string;
}

const snapshot = `
  select c.id::text, c.vault_stored as flag, c.vault_backup_date::text as date,
         md5(c::text || c.xmin::text) as all,
         md5((to_jsonb(c) - 'vault_stored' - 'vault_backup_date' - 'updated_at')::text || coalesce(c.metadata::text, '')) as rest,
         v.vault_id, v.encrypted_private_key as key,
         md5(v::text || v.xmin::text) as vault_all,
         md5((to_jsonb(v) - 'encrypted_private_key' - 'updated_at')::text) as vault_rest
    from project_credentials c left join credential_vault_storage v on v.credential_id = c.id
   order by c.id`;

const pick = ({ transferred, repaired, refused, flagsSet, flagsCleared, vaultIdsAssigned }: LastRun) => ({
  transferred,
  repaired,
  refused,
  flagsSet,
  flagsCleared,
  vaultIdsAssigned,
});

const megabyte = 2 ** 20;

/** A schema of its own for each case: cheaper than a database, and just as separate. */
async function load(
  { query }: Database,
  schema: string,
  wallets: readonly ModelWallet[],
  column: string,
): Promise<void> {
  await query(`create schema ${schema}; set search_path = ${schema}; ${fixture("wallet-system")}; ${withConstraint};
    ${column === "json" ? "alter table project_credentials alter column metadata type json" : ""}`);
  await query(
    `insert into project_credentials (id, project_id, credential_type, key_vault_id, vault_stored, vault_backup_date, metadata)
     select id, gen_random_uuid(), type, key_vault_id, flag, case when dated then timestamptz '2020-02-02 02:02:02+00' end, metadata::${column}
       from unnest($1::uuid[], $2::text[], $3::text[], $4::boolean[], $5::boolean[], $6::text[]) w (id, type, key_vault_id, flag, dated, metadata)`,
    [
      wallets.map(({ id }) => id),
      wallets.map(({ type }) => type),
      wallets.map(({ keyVaultId }) => keyVaultId),
      wallets.map(({ flag }) => flag),
      wallets.map(({ dated }) => dated),
      wallets.map(({ metadata }) => (metadata === undefined ? null : JSON.stringify(metadata))),
    ],
  );
  const rows = wallets.filter(({ vault }) => vault !== undefined);
  await query(
    `insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
     select * from unnest($1::uuid[], $2::text[], $3::text[])`,
    [rows.map(({ id }) => id), rows.map(({ vault }) => vault?.vaultId), rows.map(({ vault }) => vault?.key)],
  );
}

/** A uuid that depends on the case alone, so that a case can be repeated. */
function idOf(n: number, what: unknown): string {
  const digest = createHash("sha256")
    .update(`${n} ${JSON.stringify(what)}`)
    .digest("hex");
  return digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*/, "$1-$2-$3-$4-$5");
}

async function holds(database: Database, schema: string, random: RandomCase, huge: boolean): Promise<void> {
  const { rules, column } = random;
  const wallets: ModelWallet[] = random.wallets.map((wallet, n) => ({ ...wallet, id: idOf(n, wallet) }));
  if (huge) {
    const [path] = rules.keyPaths;
    if (path?.length === 1) {
      const blank = { type: "ethereum_wallet", flag: null, dated: false, keyVaultId: null, vault: undefined };
      const [key, spaces] = ["k".repeat(megabyte), " ".repeat(megabyte)];
      for (const value of [key, spaces]) {
        const metadata = { [path[0] as string]: value };
        wallets.push({ ...blank, id: idOf(wallets.length, metadata), metadata });
      }
    }
  }
  const expected = expectationOf(wallets, rules);
  await load(database, schema, wallets, column);
  const before = new Map((await database.query<Row>(snapshot)).map((row) => [row.id, row]));
  const these = { ...places, schema, ...rules };

  const survey = await surveyOf(database.url, these);
  assert.deepEqual(
    survey,
    {
      credentials: expected.counts.credentials,
      states: expected.before,
      flagsWrong: expected.counts.flagsWrongBefore,
    },
    "the survey counts as the model does",
  );

  const run = () => transferKeys(database.url, these, limits, survey, () => undefined);
  const { found, lastRun } = await run();
  const rows = await database.query<Row>(snapshot);
  const { credentials, verified, transferred, repaired, flagsSet, flagsCleared, vaultIdsAssigned } = expected.counts;
  assert.deepEqual(found.counts, { credentials, states: expected.after, flagsWrong: 0, verified });
  const did = pick(lastRun);
  assert.deepEqual(did, { transferred, repaired, refused: 0, flagsSet, flagsCleared, vaultIdsAssigned });
  assert.equal(rows.length, wallets.length);
  for (const row of rows) {
    const was = before.get(row.id);
    const outcome = expected.outcomes.get(row.id);
    assert.ok(was && outcome);
    assert.equal(row.flag, outcome.flag);
    assert.ok(row.key === (outcome.key ?? null), "the vault holds the key, byte for byte");
    assert.equal(row.rest, was.rest);
    if (!outcome.touched) assert.deepEqual(row, was);
    if (outcome.date === "as it was") assert.equal(row.date, was.date);
    else assert.ok(row.date !== null && was.date === null);
    if (was.vault_id !== null) assert.equal(row.vault_rest, was.vault_rest);
    if (was.key === row.key) assert.equal(row.vault_all, was.vault_all);
    const { vault_id: vaultId } = row;
    if (vaultId !== null)
      assert.ok(outcome.ids.some((id) => (typeof id === "string" ? id === vaultId : id.test(vaultId))));
  }
  for (const [id, rivals] of expected.contested) {
    const winners = rows.filter((row) => row.vault_id === id && rivals.includes(row.id));
    assert.equal(winners.length, 1, `one of ${rivals.length} wallets gets the id they want`);
  }

  // As if two had surveyed at once: the second one looks at everything again, and finds nothing to do.
  const again = await run();
  assert.deepEqual(await database.query<Row>(snapshot), rows);
  const { transferred: moved, flagsSet: set, flagsCleared: cleared, refused } = again.lastRun;
  assert.deepEqual([moved, set, cleared, refused], [0, 0, 0, 0]);
  await database.query(`drop schema ${schema} cascade`);
}

/** Which cases: those of a run that failed, as fast-check told them, or new ones. */
const { FC_SEED: seed, FC_PATH: path } = process.env;
const repeated = { ...(seed && { seed: Number(seed) }), ...(path && { path }) };

const shares: readonly (readonly [Major, number])[] = [
  [18, 40],
  [14, 8],
];
for (const [major, numRuns] of shares) {
  test(`any wallets end as the model says, and what need not change is left alone (PostgreSQL ${major})`, async () => {
    await withDatabase({ major }, async (database) => {
      // A path begins with the number of the case, from 0.
      let run = Number.parseInt(path || "0", 10);
      const property = fc.asyncProperty(randomCase(40), async (random) => {
        run += 1;
        await holds(database, `case_${run}`, random, run % 20 === 1);
      });
      await fc.assert(property, { ...repeated, numRuns, endOnFailure: true, includeErrorInReport: true });
    });
  });
}
