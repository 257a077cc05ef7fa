import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { View } from "../../components/view/resource";

test("the resource's type says what it is, and its provider's text is constant and holds no connection", async () => {
  const seen: pulumi.runtime.MockResourceArgs[] = [];
  await pulumi.runtime.setMocks({
    newResource: (args) => {
      seen.push(args);
      return { id: "id", state: args.inputs };
    },
    call: ({ inputs }) => inputs,
  });
  const view = new View("wallets", { schema: "public", name: "v", query: "select 1 as one" });
  const outputs = pulumi.all([view.urn, view.qualifiedName]);
  const [urn, qualifiedName] = await new Promise<string[]>((resolve) => outputs.apply(resolve));
  assert.match(urn!, /pulumi-nodejs:dynamic\/wallet-vault:View::wallets$/);
  assert.equal(qualifiedName, "public.v");

  const { __provider, ...inputs } = seen.find(({ name }) => name === "wallets")?.inputs ?? {};
  assert.deepEqual(inputs, {
    schema: "public",
    name: "v",
    qualifiedName: "public.v",
    query: "select 1 as one",
    options: {},
    readers: [],
    readersMayBeMissing: false,
    schemaMayBeMissing: false,
    lockTimeoutMs: 500,
    lockDeadlineMinutes: 10,
  });
  const text = String(__provider);
  assert.match(text, /\.\/components\/view\/operations\.ts/);
  assert.ok(text.length < 4_000, `${text.length} characters`);
  assert.doesNotMatch(text, /postgresql:|password/);
});
