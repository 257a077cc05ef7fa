import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation";
import { MonitoringAccess } from "../../components/monitoring/access";
import { postgresqlPlugin } from "../../components/monitoring/plugin";
import { View } from "../../components/view/resource";
import { pulumiCli } from "../../pulumi-cli/pulumi-cli";
import { holds, withViewSandbox } from "../view/view-sandbox";

const password = "geheim-4711";
const skip = postgresqlPlugin() === undefined && "the plugin of @pulumi/postgresql is not on this machine";

test(
  "roles and a schema of @pulumi/postgresql live in peace with views: made, kept, refreshed and taken away",
  { skip },
  () =>
    withViewSandbox(18, async (sandbox) => {
      const [deployer, ana, ben, cara] = ["deployer", "ana", "ben", "cara"].map(sandbox.role) as [
        string,
        string,
        string,
        string,
      ];
      await sandbox.query(`alter role ${deployer} createrole password '${password}';
      grant create on database ${sandbox.name} to ${deployer}`);
      const databaseUrl = sandbox.deployerUrl.replace(":x@", `:${password}@`);
      let query = "select label, count(*) as items from app.items group by label";
      let readers = [ana, ben, cara];
      let ours = true;

      const program = async () => {
        const args = { databaseUrl, schema: "watch", readers, createReaders: ours, createSchema: true };
        const access = new MonitoringAccess("monitoring", args);
        const made = { readersMayBeMissing: ours, schemaMayBeMissing: true };
        const view = new View(
          "labels",
          { schema: "watch", name: "Labels", query, readers, ...made },
          { dependsOn: [...access.prerequisites] },
        );
        access.grantUsage([view]);
      };

      await withStack(program, databaseUrl, async (stack, backend) => {
        await stack.up();
        for (const reader of readers) assert.equal(await holds(sandbox, reader, 'watch."Labels"', "select"), true);
        assert.equal((await asReader(ana)).length, 2);
        await stack.preview({ expectNoChanges: true });

        query = "select label as name, count(*) as items from app.items group by label";
        await stack.up();
        assert.equal((await asReader(ben)).length, 2);
        await stack.refresh({ expectNoChanges: true });
        await stack.preview({ expectNoChanges: true });

        // The plugin's own refresh sees neither of these two.
        for (const lost of [`revoke select on watch."Labels" from ${ana}`, 'drop view watch."Labels"']) {
          await sandbox.query(lost);
          await stack.refresh();
          await stack.up();
          assert.equal((await asReader(ana)).length, 2);
          await stack.preview({ expectNoChanges: true });
        }

        // The one in the middle stays: what goes must still go in its order.
        readers = [ben];
        await stack.up();
        assert.equal(await holds(sandbox, ben, 'watch."Labels"', "select"), true);
        assert.deepEqual(await sandbox.query("select from pg_roles where rolname in ($1, $2)", [ana, cara]), []);

        for (const file of filesIn(backend)) assert.ok(!readFileSync(file, "utf8").includes(password), file);
        await sandbox.query('drop view watch."Labels"');
        await stack.refresh();
        await stack.destroy();
        assert.deepEqual(await sandbox.query("select from pg_views where schemaname = 'watch'"), []);
        assert.deepEqual(await sandbox.query("select from pg_roles where rolname = $1", [ben]), []);
      });

      // Roles and a schema that were there before.
      const onSchema = `select acl.privilege_type from pg_namespace n, aclexplode(n.nspacl) acl
      where n.nspname = 'watch' and acl.grantee = $1::regrole order by 1`;
      await sandbox.query(`drop schema watch; create schema watch authorization ${deployer};
      create role ${ana}; grant create on schema watch to ${ana}`);
      readers = [ana];
      ours = false;
      await withStack(program, databaseUrl, async (stack) => {
        await stack.up();
        assert.equal((await asReader(ana)).length, 2);
        await stack.preview({ expectNoChanges: true });
        const both = [{ privilege_type: "CREATE" }, { privilege_type: "USAGE" }];
        assert.deepEqual(await sandbox.query(onSchema, [ana]), both);
        await stack.destroy();
        assert.deepEqual(await sandbox.query(onSchema, [ana]), both);
      });

      async function asReader(reader: string) {
        const session = await sandbox.session();
        await session.query(`set role ${reader}`);
        return (await session.query('select * from watch."Labels"')).rows;
      }
    }),
);

/** A stack in a backend of its own, which is gone afterwards. Providers run in this folder, as those of the program do. */
async function withStack(
  program: () => Promise<void>,
  databaseUrl: string,
  use: (stack: Stack, backend: string) => Promise<void>,
): Promise<void> {
  const { env } = await pulumiCli();
  process.env["PATH"] = env["PATH"];
  const backend = mkdtempSync(join(tmpdir(), "wallet-vault-stack-"));
  try {
    const stack = await LocalWorkspace.createOrSelectStack(
      { stackName: "test", projectName: "wallet-vault", program },
      {
        pulumiCommand: await PulumiCommand.get({ skipVersionCheck: true }),
        envVars: { ...env, PULUMI_BACKEND_URL: `file://${backend}`, PULUMI_CONFIG_PASSPHRASE: "test" },
      },
    );
    await stack.setConfig("wallet-vault:databaseUrl", { value: databaseUrl, secret: true });
    await use(stack, backend);
  } finally {
    rmSync(backend, { recursive: true });
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
