import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { UniqueConstraint } from "../../components/unique-constraint/resource";

test("the resource's type says what it is, and its provider's text is constant and small", async () => {
  const seen: pulumi.runtime.MockResourceArgs[] = [];
  await pulumi.runtime.setMocks({
    newResource: (args) => {
      seen.push(args);
      return { id: "id", state: { ...args.inputs, index: "t_a_key", origin: "created", arbiterProven: true } };
    },
    call: ({ inputs }) => inputs,
  });
  const args = { schema: "public", table: "t", columns: ["a"], name: "t_a_key" };
  const resource = new UniqueConstraint("constraint", args);
  const outputs = pulumi.all([resource.urn, resource.name, resource.index, resource.arbiterProven]);
  const [urn, ...values] = await new Promise<unknown[]>((resolve) => outputs.apply(resolve));
  assert.match(String(urn), /pulumi-nodejs:dynamic\/wallet-vault:UniqueConstraint::constraint$/);
  assert.deepEqual(values, ["t_a_key", "t_a_key", true]);

  const { __provider, ...inputs } = seen.find(({ name }) => name === "constraint")?.inputs ?? {};
  assert.deepEqual(inputs, args);
  const text = String(__provider);
  assert.match(text, /\.\/components\/unique-constraint\/operations\.ts/);
  assert.ok(text.length < 4_000, `${text.length} characters`);
  assert.doesNotMatch(text, /postgresql:|password|\/work\//);
});
