import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fixture } from "../../fixtures/fixtures";
import { forTypeScript, projectFolder } from "../../launcher/project-folder";
import { withDatabase, type Database } from "../support/database";
import { eventually } from "../support/eventually";
import { Child, runChild } from "../../testing/child";
import { PulumiSandbox } from "../../testing/pulumi-sandbox";

const content = { load: ["wallet-system", ["waiting", 12]] } as const;
const runner = [...forTypeScript, join(projectFolder, "promotion", "promote.ts")];
const firstKey = createHash("sha256").update("key1").digest("hex");

interface Stage {
  stack: string;
  result: string;
  reason: string;
  states: Record<string, number> | null;
  lastRun: { transferred: number } | null;
  receipt: { revision: string; status: string; at: string } | null;
}

test("promotion through the real CLI, on three servers", async (t) => {
  const project = await PulumiSandbox.create();
  t.after(() => project.remove());
  const onServers = (use: (dev: Database, staging: Database, eu: Database, us: Database) => Promise<void>) =>
    withDatabase({ ...content, major: 18 }, (dev) =>
      withDatabase({ ...content, major: 16 }, (staging) =>
        withDatabase({ ...content, major: 14 }, (eu) =>
          withDatabase({ load: [], major: 14 }, (us) => use(dev, staging, eu, us)),
        ),
      ),
    );

  await onServers(async (dev, staging, eu, us) => {
    const promotedFrom = (stack: string) => ({ promotedFrom: `organization/wallet-vault/${stack}` });
    await project.stack("dev", { databaseUrl: dev.url });
    await project.stack("staging", { databaseUrl: staging.url, ...promotedFrom("dev") });
    await project.stack("prod-eu", { databaseUrl: eu.url, ...promotedFrom("staging") });
    await project.stack("prod-us", { databaseUrl: us.url, ...promotedFrom("staging") });

    await t.test("a plain up on production without a proven staging fails, and touches nothing", async () => {
      const { code, stdout } = await project.pulumi(["up", "--yes", "--skip-preview", "--stack", "prod-eu"]);
      assert.notEqual(code, 0);
      assert.match(stdout, /staging \(promotedFrom\) does not prove.*no receipt.*\[ERR_NOT_PROVEN\]/);
      assert.deepEqual(await eu.query("select id from credential_vault_storage"), []);
      assert.deepEqual(await eu.query("select from pg_views where schemaname = 'public'"), []);
    });

    await t.test("without a terminal and without --yes nothing happens", async () => {
      const { code, stages } = await promote(project, "dev", "staging");
      assert.deepEqual([code, resultsOf(stages)], [3, "dev declined, staging skipped"]);
      assert.deepEqual(await dev.query("select id from credential_vault_storage"), []);
    });

    await t.test("a clean promotion: every stage moved, proven and reported, and no secret said", async () => {
      const files = ["--report", join(project.folder, "report.html"), "--summary", join(project.folder, "report.md")];
      const run = await promote(project, "dev", "staging", "prod-eu", "--yes", ...files);
      assert.deepEqual([run.code, resultsOf(run.stages)], [0, "dev promoted, staging promoted, prod-eu promoted"]);
      for (const { states, lastRun, receipt } of run.stages) {
        assert.deepEqual([states?.["stored"], states?.["pending"], lastRun?.transferred], [12, 0, 12]);
        assert.equal(receipt?.status, "complete");
        assert.equal(receipt?.revision, run.stages[0]?.receipt?.revision, "the same revision all the way");
      }
      for (const { query } of [dev, staging, eu])
        assert.equal((await query("select from credential_vault_storage")).length, 12);
      const said = [
        run.stdout,
        run.stderr,
        ...files.filter((file) => existsSync(file)).map((f) => readFileSync(f, "utf8")),
      ];
      assert.equal(said.length, 4);
      for (const text of said) assert.ok(!text.includes(new URL(dev.url).password) && !text.includes(firstKey));
    });

    await t.test("staging with a conflict stops production, and says what to do", async () => {
      await staging.query(`update credential_vault_storage set encrypted_private_key = 'another key'
        where credential_id = (select min(credential_id::text)::uuid from credential_vault_storage)`);
      const { code, stages } = await promote(project, "dev", "staging", "prod-eu", "--yes");
      assert.deepEqual([code, resultsOf(stages)], [1, "dev unchanged, staging failed, prod-eu skipped"]);
      assert.match(
        stages[1]?.reason ?? "",
        /11 stored, 1 in conflict.*acceptAttention '\["conflict:1"\]' --stack staging/,
      );
      assert.equal(stages[1]?.states?.["conflict"], 1);
      const looked = await promote(project, "staging", "--preview-only");
      assert.deepEqual([looked.code, resultsOf(looked.stages)], [1, "staging failed"], "a preview says so, too");
    });

    await t.test(
      "accepted attention goes on; in a wave of two one fails, and what comes later is skipped",
      async () => {
        await project.pulumi(["config", "set", "--stack", "staging", "acceptAttention", '["conflict:1"]']);
        await project.stack("later", { databaseUrl: us.url });
        const { code, stages } = await promote(project, "staging", "prod-eu,prod-us", "later", "--yes");
        assert.equal(code, 1);
        assert.equal(resultsOf(stages), "staging promoted, prod-eu unchanged, prod-us failed, later skipped");
        assert.equal(stages[0]?.receipt?.status, "attention");
        assert.match(stages[2]?.reason ?? "", /\[ERR_TABLE_MISSING\]/);
        assert.match(stages[3]?.reason ?? "", /prod-us failed/);
      },
    );

    await t.test("an edited program makes old receipts worthless", async () => {
      const file = join(project.folder, "components", "wallet-vault.ts");
      const before = readFileSync(file);
      appendFileSync(file, "// edited\n");
      const { code, stages } = await promote(project, "prod-eu", "--yes");
      writeFileSync(file, before);
      assert.deepEqual([code, resultsOf(stages)], [2, "prod-eu refused"]);
      assert.match(stages[0]?.reason ?? "", /it proves revision \w{12}, and this is revision \w{12}/);
    });

    await t.test("an old receipt is refused, and renewed by a promotion that finds nothing to do", async () => {
      await ageReceipt(project, "staging", 100);
      const refused = await promote(project, "prod-eu", "--yes");
      assert.deepEqual([refused.code, resultsOf(refused.stages)], [2, "prod-eu refused"]);
      assert.match(
        refused.stages[0]?.reason ?? "",
        /its proof is of \S+, older than promotionMaxAgeHours \(72\) allows\. Renew/,
      );
      const started = Date.now();
      const renewed = await promote(project, "staging", "prod-eu", "--yes");
      assert.deepEqual([renewed.code, resultsOf(renewed.stages)], [0, "staging unchanged, prod-eu unchanged"]);
      assert.ok(Date.parse(renewed.stages[0]?.receipt?.at ?? "") >= started);

      // From the future; what the gate advises renews it, too.
      await ageReceipt(project, "staging", -100);
      const future = await promote(project, "prod-eu", "--yes");
      const advice = future.stages[0]?.reason ?? "";
      assert.match(
        advice,
        /in the future \(\S+\), so that one of the clocks is wrong.* npm run pulumi -- up --refresh --stack/,
      );
      const [, command = ""] = advice.match(/npm run pulumi -- (up [^,]*),/) ?? [];
      const up = await project.pulumi([...command.split(" "), "--yes", "--skip-preview"]);
      assert.equal(up.code, 0, up.stderr);
      const through = await promote(project, "prod-eu", "--yes");
      assert.deepEqual([through.code, resultsOf(through.stages)], [0, "prod-eu unchanged"]);
    });

    await t.test("a killed runner is started again: the lock is explained, and nothing is lost", async () => {
      await us.query(fixture("wallet-system"));
      await us.query(fixture("waiting", 12));
      const blocker = await us.session();
      await blocker.query("begin; lock table credential_vault_storage in share row exclusive mode");
      const { folder: cwd, env } = project;
      const run = new Child(process.execPath, [...runner, "prod-us", "--yes"], { cwd, env });
      const waiting = () => run.stderr.match(/\[constraint\] waiting/) ?? undefined;
      await eventually("the update is under way", waiting).finally(() => run.killTree());
      await run.ended;
      await blocker.query("rollback");

      const locked = await promote(project, "prod-us", "--yes");
      assert.deepEqual([locked.code, resultsOf(locked.stages)], [1, "prod-us failed"]);
      assert.match(locked.stages[0]?.reason ?? "", /npm run pulumi -- cancel prod-us --yes/);
      assert.equal((await project.pulumi(["cancel", "prod-us", "--yes"])).code, 0);
      const again = await promote(project, "prod-us", "--yes");
      assert.deepEqual([again.code, resultsOf(again.stages)], [0, "prod-us promoted"], again.stages[0]?.reason);
      assert.equal((await us.query("select from project_credentials where vault_stored")).length, 12);
    });
  });
});

/** Runs the runner with --json: what it prints must be JSON and nothing else. */
async function promote(project: PulumiSandbox, ...args: string[]) {
  const { folder: cwd, env } = project;
  const run = await runChild(process.execPath, [...runner, ...args, "--json"], { cwd, env });
  let result: { ok: boolean; waves: Stage[][] };
  try {
    result = JSON.parse(run.stdout);
  } catch {
    assert.fail(`no JSON: ${run.stdout}\n${run.stderr}`);
  }
  assert.equal(result.ok, run.code === 0);
  return { ...run, stages: result.waves.flat() };
}

const resultsOf = (stages: readonly Stage[]) => stages.map(({ stack, result }) => `${stack} ${result}`).join(", ");

/** Makes a stack's proof look as if it had been made that many hours ago. */
async function ageReceipt(project: PulumiSandbox, stack: string, hours: number): Promise<void> {
  const file = join(project.folder, "state.json");
  await project.pulumi(["stack", "export", "--stack", stack, "--file", file]);
  const at = new Date(Date.now() - hours * 3_600_000).toISOString();
  writeFileSync(file, readFileSync(file, "utf8").replace(/"at": "[^"]*"/g, `"at": "${at}"`));
  const { code, stderr } = await project.pulumi(["stack", "import", "--stack", stack, "--file", file]);
  assert.equal(code, 0, stderr);
}
