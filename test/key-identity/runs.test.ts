import assert from "node:assert/strict";
import { test } from "node:test";
import type { RunPlan } from "../../components/batches/batch-job";
import { BatchRun } from "../../components/batches/batch-run";
import { runPass } from "../../components/batches/run-pass";
import { IdentityJob } from "../../components/key-identity/identity-job";
import { identitySql, identityTable } from "../../components/key-identity/identity-sql";
import { walletStateSql } from "../../components/key-transfer/wallet-state";
import type { Client } from "../../components/postgres/connection";
import { limits, schemaFacts, wallets as fixtureWallets } from "../../fixtures/wallets";
import { type Content, type Database, server, testedMajors, withDatabase } from "../support/database";
import { talkative } from "../support/talkative-log";
import { eventually } from "../support/eventually";
import { keyOf, pair, seed, TestStack } from "../support/identity";
import { sprung, traps } from "../support/traps";
import { withConstraint } from "../../testing/transfer";

const load: Content["load"] = ["wallet-system"];
const content = { load, sql: withConstraint };

/** Every twentieth key opens another address. */
const wallets = (n: number) =>
  Array.from({ length: n }, (_, i) => (i % 20 === 0 ? { key: keyOf(i), address: pair(i + 1).address } : pair(i)));

const sessionsProving = (database: Database) =>
  database.query<{ pid: number }>(
    "select pid from pg_stat_activity where datname = current_database() and application_name = 'wallet-vault: proving keys'",
  );

const recorded = async (database: Database): Promise<number> =>
  (await database.query<{ n: number }>("select count(*)::int as n from wallet_key_identity"))[0]?.n ?? 0;

for (const major of testedMajors) {
  test(`sessions that are ended again and again lose nothing that is recorded, and the run ends as if nothing was (PostgreSQL ${major})`, () =>
    withDatabase({ ...content, major }, async (database) => {
      await seed(database, wallets(400));
      const going = new TestStack(database).up();
      let ended = 0;
      let before = 0;
      while (ended < 3) {
        const enough = await eventually(
          "more is recorded",
          async () => {
            const [there] = await database.query("select to_regclass('public.wallet_key_identity') as there");
            const n = there?.["there"] == null ? 0 : await recorded(database);
            return n > before || n === 400 ? n : undefined;
          },
          going,
        );
        assert.ok(enough >= before);
        before = enough;
        if (enough === 400) break;
        for (const { pid } of await sessionsProving(database))
          await database.query("select pg_terminate_backend($1)", [pid]);
        ended += 1;
      }
      const { status, summary } = await going;
      assert.deepEqual([status, summary.identity?.proven, summary.identity?.mismatch], ["attention", 380, 20]);
    }));

  test(`two runs at once find the same (PostgreSQL ${major})`, () =>
    withDatabase({ ...content, major }, async (database) => {
      await seed(database, wallets(200));
      const done = await Promise.all([new TestStack(database).up(), new TestStack(database).up()]);
      for (const { summary } of done)
        assert.deepEqual(summary.identity, {
          proven: 190,
          mismatch: 10,
          addressImpossible: 0,
          notDerivable: 0,
          unproven: 0,
        });
      assert.equal(await recorded(database), 200);
    }));

  test(`migrations that write the tables anew meanwhile leave no wallet out, and no finding wrong (PostgreSQL ${major})`, () =>
    withDatabase({ ...content, major }, async (database) => {
      await seed(database, wallets(400));
      const going = new TestStack(database).up();
      await eventually("it has begun", async () => (await sessionsProving(database))[0], going);
      const application = await database.session();
      for (const table of ["project_credentials", "credential_vault_storage"])
        await application.query(`alter table ${table} add column seen text default clock_timestamp()::text`);
      await application.query(
        `update project_credentials set wallet_address = '${pair(999).address}' where key_vault_id = '7'`,
      );
      const { summary } = await going;
      const left = summary.identity?.unproven === 0 ? summary : (await new TestStack(database).up()).summary;
      assert.deepEqual([left.identity?.proven, left.identity?.mismatch, left.identity?.unproven], [379, 21, 0]);
      const wrong = await database.query(
        "select from wallet_key_identity i join project_credentials c on c.id = i.credential_id where c.key_vault_id = '7' and finding <> 'mismatch'",
      );
      assert.deepEqual(wrong, []);
    }));

  test(`a writer of any wallet waits for nothing while keys are proven (PostgreSQL ${major})`, () =>
    withDatabase({ ...content, major }, async (database) => {
      await seed(database, wallets(300));
      const going = new TestStack(database).up();
      await eventually("it has begun", async () => (await sessionsProving(database))[0], going);
      const application = await database.session();
      // What waits for a lock at all fails at once.
      await application.query("set lock_timeout = 1");
      let writes = 0;
      const ended = new AbortController();
      const end = (): void => ended.abort();
      void going.then(end, end);
      while (!ended.signal.aborted) {
        await application.query("update project_credentials set status = 'seen' where key_vault_id = $1", [
          String((writes % 300) + 1),
        ]);
        await application.query("update credential_vault_storage set backup_created = true where vault_id = $1", [
          `v${(writes % 300) + 1}`,
        ]);
        writes += 1;
      }
      assert.ok(writes > 0);
      const { summary } = await going;
      assert.deepEqual([summary.identity?.proven, summary.identity?.mismatch], [285, 15]);
    }));

  test(`no function, operator or aggregate of another role is called (PostgreSQL ${major})`, () =>
    withDatabase({ ...content, major }, async (database) => {
      const role = `identity_trapped_${major}`;
      await seed(database, wallets(25));
      await database.query(`create role ${role} login bypassrls password 'x'; grant usage, create on schema public to ${role};
        alter table project_credentials owner to ${role}; alter table credential_vault_storage owner to ${role};
        alter function touch_updated_at() owner to ${role};
        alter role ${role} in database ${database.name} set search_path = public, pg_catalog; ${traps(`trapper_${database.name}`)}`);
      const url = new URL(database.url);
      [url.username, url.password] = [role, "x"];
      const stack = new TestStack({ url: url.toString() });
      const { summary } = await stack.up();
      assert.deepEqual([summary.identity?.proven, summary.identity?.mismatch], [23, 2]);
      await stack.refresh();
      await stack.preview();
      assert.deepEqual(await sprung(database), []);
      await database.query(`drop owned by ${role} cascade; drop role ${role}`);
    }));

  test(`no key is in the most talkative log, whether it is proven, opens another address or cannot be derived (PostgreSQL ${major})`, () =>
    withDatabase({ ...content, major }, async (database) => {
      const odd = [
        "no-key-at-all-but-a-secret-phrase-of-words",
        "0x" + "f".repeat(64),
        `${keyOf(70)}00`,
        "5Kabcdefghijkmnopqrst-not-base58",
      ];
      await seed(database, [...wallets(25), ...odd.map((key) => ({ key, address: pair(1).address }))]);
      await talkative(database);
      const before = (await (await server(major)).log()).length;
      const { summary } = await new TestStack(database).up();
      assert.equal(summary.identity?.unproven, 0);
      const log = (await (await server(major)).log()).slice(before);
      assert.ok(log.includes("wallet_vault_findings") && log.includes("{PLANNEDSTMT"), "the log is not talkative");
      for (const key of [...wallets(25).map((wallet) => wallet.key), ...odd]) {
        const digits = key.replace(/^0x/, "").slice(0, 16);
        const bytes = (text: string): string => [...Buffer.from(text)].join(" ");
        for (const trace of [digits, bytes(digits), [...Buffer.from(digits, "hex")].join(" ")].filter(
          (text) => text.length > 8,
        ))
          assert.ok(!log.includes(trace), `${trace} is in the server's log`);
      }
    }));
}

/** Its derivation raises an error for one key, with the key in it, as only a fault of the server or of our own could do. */
class FailingJob extends IdentityJob {
  override async prepare(client: Client): Promise<RunPlan> {
    const run = await super.prepare(client);
    await client.query(`alter function pg_temp.wallet_vault_findings rename to findings;
      create function pg_temp.wallet_vault_findings(text[], text[], text[], text[]) returns table (n int4, finding text, opens text)
        language plpgsql as $$ begin
          if '${keyOf(11)}' = any ($1) then raise exception '%', $1 using detail = $1; end if;
          return query select * from pg_temp.findings($1, $2, $3, $4); end $$`);
    return run;
  }
}

test("a wallet whose derivation fails stops no other, stays unproven, and is in no log", () =>
  withDatabase(content, async (database) => {
    await seed(database, wallets(120));
    const stack = new TestStack(database);
    await stack.up();
    await database.query("truncate wallet_key_identity");
    const before = (await (await server()).log()).length;
    const identity = identitySql(walletStateSql(fixtureWallets, schemaFacts), identityTable(fixtureWallets));
    const job = new FailingJob(fixtureWallets, identity, 120);
    const run = new BatchRun(database.url, job, limits, () => undefined);
    await runPass(run, { ranges: [{ from: 0, to: 100 }], lanes: 1, waitForLocks: false }, 1);
    await run.end();
    assert.deepEqual([job.proofs, [...job.failures]], [119, ["P0001"]]);
    assert.equal(await recorded(database), 119);
    const log = (await (await server()).log()).slice(before);
    assert.ok(!log.includes(keyOf(11).slice(2, 18)));
    const { summary, status, receipt } = await stack.refresh();
    assert.deepEqual([summary.identity?.unproven, status, receipt.reason], [1, "incomplete", "1 wallet not proven."]);
  }));
