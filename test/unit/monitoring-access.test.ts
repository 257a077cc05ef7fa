import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { MockResourceArgs } from "@pulumi/pulumi/runtime/mocks";
import { MonitoringAccess, type MonitoringAccessArgs, needsPlugin } from "../../components/monitoring/access";
import { View } from "../../components/view/resource";

// Where downloads are off, the component refuses to begin without the plugin, which mocks do not need.
delete process.env["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"];

const url = "postgresql://deployer:ge%20heim@db.example:6543/wallets?sslmode=require";
const args: MonitoringAccessArgs = { databaseUrl: url, schema: "watch", readers: ["ana", "ben"], createReaders: true };

interface Declared {
  /** In the order in which they were registered. */
  readonly resources: MockResourceArgs[];
  /** How many resources of @pulumi/postgresql were under way at the same time, at most. */
  readonly abreast: number;
  /** Names of those that Pulumi takes out of the state without asking the plugin to delete them. */
  readonly retained: string[];
}

/** Runs a program against mocks that take their time, so that what is not chained is seen side by side. */
async function declared(declare: () => void): Promise<Declared> {
  const resources: MockResourceArgs[] = [];
  const retained: string[] = [];
  let underWay = 0;
  let abreast = 0;
  await pulumi.runtime.setMocks({
    newResource: async (resource) => {
      resources.push(resource);
      const counted = resource.type.startsWith("postgresql:");
      if (counted) abreast = Math.max(abreast, (underWay += 1));
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
      if (counted) underWay -= 1;
      return { id: `${resource.name}-id`, state: resource.inputs };
    },
    call: () => ({}),
  });
  await pulumi.runtime.runInPulumiStack(async () => {
    pulumi.runtime.registerStackTransformation(({ name, opts }) => {
      if ((opts as pulumi.CustomResourceOptions).retainOnDelete) retained.push(name);
      return undefined;
    });
    declare();
  });
  await pulumi.runtime.disconnect();
  return { resources, abreast, retained };
}

function program(wanted: Partial<MonitoringAccessArgs>): () => void {
  return () => {
    const first = new View("first", { schema: "app", name: "first_view", query: "select 1 as one" });
    const access = new MonitoringAccess("monitoring", { ...args, after: [first], ...wanted });
    const dependsOn = [...access.prerequisites];
    const view = (name: string) =>
      new View(name, { schema: "watch", name: `${name}_view`, query: "select 1 as one" }, { dependsOn });
    access.grantUsage([view("wallets"), view("totals")]);
  };
}

const short = ({ type, name }: MockResourceArgs) => `${type.split(":").at(-1)} ${name}`;
const ours = (resources: MockResourceArgs[]) =>
  resources.filter(({ type }) => /postgresql|:View$/.test(type)).map(short);

test("where nothing is to be made, nothing of @pulumi/postgresql is: readers that exist need no plugin", () => {
  const readers = ["ana"];
  assert.deepEqual(
    [
      { readers: [] },
      { readers },
      { readers: [], createReaders: true },
      { readers, createReaders: true },
      { readers: [], createSchema: true },
    ].map(needsPlugin),
    [false, false, false, true, true],
  );
});

test("what must be done first comes first; schema and roles before the views; the way in after them", async () => {
  const { resources, abreast } = await declared(program({ createSchema: true }));
  const order = ours(resources);
  assert.deepEqual(order.slice(0, 5), [
    "View first",
    "postgresql monitoring-server",
    "Schema monitoring-schema",
    "Role monitoring-role-ana",
    "Role monitoring-role-ben",
  ]);
  assert.deepEqual(order.slice(5, 7).sort(), ["View totals", "View wallets"]);
  assert.deepEqual(order.slice(7), ["Grant monitoring-usage-ana", "Grant monitoring-usage-ben"]);
  assert.equal(abreast, 1);
  const role = resources.find(({ name }) => name === "monitoring-role-ana");
  assert.deepEqual(role?.inputs, { name: "ana", login: false, skipReassignOwned: true });
});

// For it the plugin makes itself a member of whoever owns a table in the schema, or fails where it may not.
test("SELECT is never granted by the plugin", async () => {
  const { resources } = await declared(program({ createSchema: true }));
  const grants = resources.filter(({ type }) => type.endsWith(":Grant"));
  assert.deepEqual(new Set(grants.map(({ inputs }) => inputs.objectType)), new Set(["schema"]));
});

test("the schema is not dropped, and what keeps a role from being dropped is revoked", async () => {
  const { retained } = await declared(program({ createSchema: true }));
  assert.deepEqual(retained, ["monitoring-schema"]);
});

// The plugin's Grant would revoke all that they hold on the schema before and after.
test("readers that were there before keep what they hold on the schema: their way in is the View's", async () => {
  const { resources } = await declared(program({ createSchema: true, createReaders: false }));
  assert.deepEqual(ours(resources).slice(1, 3), ["postgresql monitoring-server", "Schema monitoring-schema"]);
  assert.equal(resources.filter(({ type }) => /:(Grant|Role)$/.test(type)).length, 0);
});

test("a schema alone can be asked for, and an existing schema's privileges are left alone", async () => {
  const alone = await declared(program({ readers: [], createSchema: true }));
  assert.deepEqual(ours(alone.resources).slice(1, 3), ["postgresql monitoring-server", "Schema monitoring-schema"]);
  const existing = await declared(program({}));
  assert.equal(existing.resources.filter(({ inputs }) => inputs.objectType === "schema").length, 0);
});

test("the provider speaks to the same server as we do, not as superuser, and only the password is secret", async () => {
  let access: MonitoringAccess | undefined;
  const { resources } = await declared(() => {
    access = new MonitoringAccess("monitoring", args);
  });
  const server = resources.find(({ type }) => type === "pulumi:providers:postgresql");
  const { host, port, database, username, sslmode, superuser, connectTimeout } = server?.inputs ?? {};
  assert.deepEqual(
    { host, port, database, username, sslmode, superuser, connectTimeout },
    {
      host: "db.example",
      port: "6543",
      database: "wallets",
      username: "deployer",
      sslmode: "verify-full",
      superuser: "false",
      connectTimeout: "15",
    },
  );
  const provider = (access as unknown as { provider: Record<string, pulumi.Output<string>> }).provider;
  assert.equal(await pulumi.isSecret(provider["password"]!), true);
  for (const open of ["host", "database", "username", "sslmode"]) {
    assert.equal(await pulumi.isSecret(provider[open]!), false, open);
  }
  const elsewhere = JSON.stringify(resources.filter((resource) => resource !== server));
  assert.doesNotMatch(elsewhere, /heim/);
});
