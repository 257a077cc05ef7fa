import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { UsageError } from "../../promotion/arguments";
import { stagesAtOnce } from "../../promotion/machine";
import { notThrough } from "../../promotion/only-failed";
import { toJson } from "../../promotion/result";
import { stacksOf } from "../../promotion/stack-names";
import { promotionOf, richPromotion, stageReport } from "./sample";

const existing = ["dev", "prod-us", "prod-eu", "prod.old", "staging"];

test("a pattern is all stacks that it fits, by name, without those that are named anywhere", () => {
  for (const [waves, expected] of [
    [
      [["dev"], ["prod-*"]],
      [["dev"], ["prod-eu", "prod-us"]],
    ],
    [[["prod-us", "prod-*"]], [["prod-us", "prod-eu"]]],
    [
      [["prod-*"], ["prod-eu"]],
      [["prod-us"], ["prod-eu"]],
    ],
    [[["prod.*"]], [["prod.old"]]],
    [
      [["prod-*"], ["p*"], ["*"]],
      [["prod-eu", "prod-us"], ["prod.old"], ["dev", "staging"]],
    ],
    [[["*-eu", "nowhere"]], [["prod-eu", "nowhere"]]],
  ] as const)
    assert.deepEqual(stacksOf(waves, existing), expected, JSON.stringify(waves));
});

test("organization and project may stand before the name, and stand for themselves in a pattern", () => {
  const cloud = ["acme/prod-eu", "acme/prod-us", "beta/prod-eu", "dev"];
  for (const [pattern, expected] of [
    ["prod-*", ["acme/prod-eu", "acme/prod-us", "beta/prod-eu"]],
    ["acme/prod-*", ["acme/prod-eu", "acme/prod-us"]],
    ["*/prod-eu", ["acme/prod-eu", "beta/prod-eu"]],
    ["d*", ["dev"]],
  ] as const)
    assert.deepEqual(stacksOf([[pattern]], cloud), [expected]);
  assert.deepEqual(stacksOf([["acme/wallet-vault/prod-eu"], ["acme/prod-*"]], cloud)[1], ["acme/prod-us"]);
});

test("a pattern that adds no stack is refused by its name: somebody expected one", () => {
  for (const [waves, why] of [
    [[["dev"], ["pord-*"]], /'pord-\*' fits no stack\. There are: dev, prod-us/],
    [[["prod-eu", "prod-us", "prod-*"]], /'prod-\*' fits only stacks that are named already/],
    [[["prod-*"], ["prod-u*"]], /'prod-u\*' fits only/],
  ] as const)
    assert.throws(
      () => stacksOf(waves, existing),
      (error) => error instanceof UsageError && why.test(error.message),
    );
  assert.throws(() => stacksOf([["*"]], []), /There are: none/);
});

test("the result of an earlier run says what did not get through, wave by wave", () => {
  const folder = mkdtempSync(join(tmpdir(), "wallet-vault-fleet-"));
  const file = join(folder, "result.json");
  try {
    writeFileSync(file, toJson(richPromotion));
    assert.deepEqual(notThrough(file), [["prod-eu"], ["archive", "lab", "museum"]]);
    writeFileSync(file, toJson(promotionOf([stageReport("dev", "promoted")])));
    assert.deepEqual(notThrough(file), []);
    for (const wrong of ["", "{}", '{"waves":[[{"stack":"--all","result":"failed"}]]}', "<html>"]) {
      writeFileSync(file, wrong);
      assert.throws(() => notThrough(file), /is not what npm run promote prints with --json/, wrong);
    }
    assert.throws(() => notThrough(join(folder, "none.json")), /none\.json cannot be read \(ENOENT\)/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("as many stages run as cores and free memory allow, at least one and at most 16", () => {
  assert.deepEqual(
    [stagesAtOnce(2, 16_000), stagesAtOnce(8, 1_100), stagesAtOnce(8, 100), stagesAtOnce(64, 64_000)],
    [2, 2, 1, 16],
  );
});
