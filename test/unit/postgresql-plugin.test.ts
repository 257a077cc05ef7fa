import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { postgresqlPlugin, requirePostgresqlPlugin } from "../../components/monitoring/plugin";

const { version } = require("@pulumi/postgresql/package.json");
const folder = mkdtempSync(join(tmpdir(), "wallet-vault-plugin-"));
after(() => rmSync(folder, { recursive: true }));

const off = {
  PATH: join(folder, "empty"),
  PULUMI_HOME: join(folder, "home"),
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
};

function program(...path: string[]): string {
  const file = join(folder, ...path, "pulumi-resource-postgresql");
  mkdirSync(join(folder, ...path), { recursive: true });
  writeFileSync(file, "");
  chmodSync(file, 0o755);
  return file;
}

test("where the plugin is missing and may not be downloaded, the error says how to get it", () => {
  assert.throws(
    () => requirePostgresqlPlugin(off),
    (error: Error) => {
      assert.match(error.message, /ERR_PLUGIN_MISSING/);
      assert.ok(error.message.includes(`npm run pulumi -- plugin install resource postgresql ${version}`));
      assert.match(error.message, /^createMonitoringReaders and monitoringSchema need .* and leave both unset\./);
      return true;
    },
  );
});

test("where the engine may download it, the engine is left to do so", () => {
  requirePostgresqlPlugin({ ...off, PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: undefined });
  requirePostgresqlPlugin({ ...off, PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "false" });
});

test("a plugin on PATH is found, unless the engine is told not to look there", () => {
  const file = program("bin");
  const here = { ...off, PATH: `${off.PATH}:${join(folder, "bin")}` };
  assert.equal(postgresqlPlugin(here), file);
  requirePostgresqlPlugin(here);
  assert.equal(postgresqlPlugin({ ...here, PULUMI_IGNORE_AMBIENT_PLUGINS: "1" }), undefined);
});

test("a plugin in the cache is found in the version of the SDK, and only if its download was completed", () => {
  const cache = join("home", "plugins");
  program(cache, "resource-postgresql-v3.0.0");
  assert.equal(postgresqlPlugin(off), undefined);
  const file = program(cache, `resource-postgresql-v${version}`);
  assert.equal(postgresqlPlugin(off), file);
  writeFileSync(join(folder, cache, `resource-postgresql-v${version}.partial`), "");
  assert.equal(postgresqlPlugin(off), undefined);
});
