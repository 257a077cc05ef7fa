import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { pluginFolder, type StandIn } from "../support/postgresql-plugin";
import type { Receipt } from "../../components/receipt/receipt";
import { type Deployment, printed, stackName, withDeployment } from "./stack";

const content = { load: ["wallet-system", ["waiting", 3]] } as const;

interface Plugin {
  /** `create monitoring-role-ana`, in order. */
  log(): string[];
  /** Types that it does not make from now on. */
  fails(types: string): void;
}

/** A stack of the real engine, with a stand-in for the plugin that is on no machine without network. */
function withPlugin(
  configuration: Readonly<Record<string, unknown>>,
  use: (deployment: Deployment, plugin: Plugin) => Promise<void>,
): Promise<void> {
  return withDeployment(content, configuration, async (deployment) => {
    const { folder, log, remove } = pluginFolder();
    const { env } = deployment.project;
    const told: StandIn = { PLUGIN_URL: deployment.database.url, PLUGIN_LOG: log, PLUGIN_FAILS: "" };
    Object.assign(env, told, { PATH: [folder, env["PATH"]].join(delimiter) });
    try {
      await use(deployment, {
        log: () => readFileSync(log, "utf8").trim().split("\n"),
        fails: (types) => (env["PLUGIN_FAILS"] = types),
      });
    } finally {
      remove();
    }
  });
}

const keysMoved = async ({ database }: Deployment): Promise<number> =>
  (await database.query("select from credential_vault_storage where encrypted_private_key <> ''")).length;

const reader = (name: string): string => `${name}_${process.pid}`;

test("schema and readers of the stack's own: made after the keys are moved, before the views, and gone in their order", () => {
  const [ana, ben] = [reader("ana"), reader("ben")];
  const own = { monitoringSchema: "watch", monitoringReaders: [ana, ben], createMonitoringReaders: true };
  return withPlugin(own, async (deployment, plugin) => {
    const { database, must, run, project } = deployment;
    plugin.fails("Role");
    const failed = await run("up");
    assert.notEqual(failed.code, 0);
    assert.match(printed(failed), /makes no Role/);
    assert.equal(await keysMoved(deployment), 3, "what the plugin cannot do keeps no key from moving");

    plugin.fails("");
    await must("up");
    await must("preview", "--expect-no-changes");
    const session = await database.session();
    await session.query(`set role ${ana}`);
    assert.equal((await session.query("select from watch.wallet_status_monitoring")).rowCount, 3);
    await session.query("reset role");

    // One of them goes, while it holds SELECT and USAGE; dropping it fails where it still holds one of them.
    await project.pulumi(["config", "set", "--stack", "test", "monitoringReaders", JSON.stringify([ben])]);
    await must("up");
    assert.deepEqual(await database.query(`select from pg_roles where rolname = '${ana}'`), []);

    // Dropped behind Pulumi's back.
    await database.query(`drop owned by ${ben}; drop role ${ben}`);
    const preview = await must("preview");
    assert.match(preview, new RegExp(`its reader ${ben} is gone from the server`));
    await database.query(`create role ${ben}`);
    await must("up");

    await must("destroy");
    assert.deepEqual(await database.query(`select from pg_roles where rolname = '${ben}'`), []);
    assert.deepEqual(plugin.log().slice(-2), [`delete monitoring-usage-${ben}`, `delete monitoring-role-${ben}`]);
    assert.equal(await keysMoved(deployment), 3);
  });
});

test("an update that fails behind the transfer, with or without work for it, leaves no proof", () => {
  const [ana, ben] = [reader("ida"), reader("jon")];
  const own = { monitoringSchema: "watch", monitoringReaders: [ana], createMonitoringReaders: true };
  return withPlugin(own, async ({ database, must, run, project }, plugin) => {
    const receipt = async () => (await project.outputs(stackName))["receipt"] as Receipt;
    await must("up");
    const proven = await receipt();
    assert.equal(proven.status, "complete");
    await must("config", "set", "monitoringReaders", JSON.stringify([ana, ben]));
    for (const fails of ["Role", "Grant"]) {
      plugin.fails(fails);
      assert.notEqual((await run("up")).code, 0);
      assert.deepEqual([(await receipt()).status, (await receipt()).unfinished], ["incomplete", true], fails);
      await database.query(`insert into project_credentials (project_id, credential_type, metadata)
        values (gen_random_uuid(), 'ethereum_wallet', '{"private_key_encrypted": "0x${fails}"}')`);
      assert.notEqual((await run("up")).code, 0);
      assert.equal((await receipt()).status, "incomplete", `${fails}, and keys to move`);
      plugin.fails("");
      await must("up");
      assert.deepEqual([(await receipt()).status, (await receipt()).unfinished], ["complete", undefined], fails);
      await must("config", "set", "monitoringReaders", JSON.stringify([ana]));
      await must("up");
      await must("config", "set", "monitoringReaders", JSON.stringify([ana, ben]));
    }
    await must("destroy");
  });
});

test("readers that exist need no plugin, and a state that still has the plugin's grants loses them without a REVOKE", () => {
  const ana = reader("eva");
  return withPlugin({ monitoringReaders: [ana] }, async (deployment, plugin) => {
    const { database, must, project } = deployment;
    await database.query(`create role ${ana}`);
    try {
      // As version 0.1.0 declared it.
      const file = join(project.folder, "components", "wallet-vault.ts");
      const program = readFileSync(file, "utf8");
      writeFileSync(
        file,
        program.replace(
          "this.registerOutputs(",
          `const old = new MonitoringAccess("monitoring", { databaseUrl: args.databaseUrl, ...monitoring }, { parent: this });
           const { Grant } = require("@pulumi/postgresql");
           for (const [key, { name: view }] of [["wallets", this.views[0]], ["storage", this.views[1]]] as any)
             new Grant("monitoring-" + key + "-${ana}",
               { database: "any", role: "${ana}", schema: "public", objectType: "table", objects: [view], privileges: ["SELECT"] },
               { parent: old, provider: old["provider"], dependsOn: [...this.views], retainOnDelete: true });
           this.registerOutputs(`,
        ),
      );
      await must("up");
      const declared = [`create monitoring-wallets-${ana}`, `create monitoring-storage-${ana}`];
      assert.deepEqual(plugin.log().sort(), declared.sort());

      writeFileSync(file, program);
      await must("up");
      assert.deepEqual(plugin.log().sort(), declared, "the plugin is asked for nothing any more");
      const held = await database.query(`
        select has_table_privilege('${ana}', 'wallet_status_monitoring', 'select')
           and has_table_privilege('${ana}', 'vault_storage_status', 'select') as both`);
      assert.deepEqual(held, [{ both: true }]);
      await must("preview", "--expect-no-changes");

      const views = "wallet_status_monitoring, vault_storage_status";
      await database.query(`revoke select on ${views} from ${ana}`);
      assert.match(await must("preview"), new RegExp(`${ana} lacks SELECT`));
      await must("destroy");
    } finally {
      await database.query(`drop owned by ${ana}; drop role ${ana}`);
    }
  });
});
