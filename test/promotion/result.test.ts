import assert from "node:assert/strict";
import { test } from "node:test";
import type { Status } from "../../components/key-transfer/summary";
import type { StateCounts } from "../../components/key-transfer/states";
import { exitCode, isOk, toJson, type Result } from "../../promotion/result";
import { forbiddenChanges } from "../../promotion/forbidden-changes";
import { whyNoProof } from "../../promotion/verdict";
import { counts, lastRun, promotionOf, receipt, richPromotion, stageReport } from "./sample";

const code = (...results: Result[]) => exitCode(promotionOf(results.map((result) => stageReport(result, result))));

test("the exit code is that of the worst: failed, then refused, then declined", () => {
  assert.equal(code("promoted", "unchanged"), 0);
  assert.equal(code("promoted", "failed", "refused", "declined", "skipped"), 1);
  assert.equal(code("refused", "declined", "skipped"), 2);
  assert.equal(code("promoted", "declined", "skipped"), 3);
  assert.equal(code("skipped"), 1, "interrupted before the first");
});

test("a preview is well when nothing would be stopped", () => {
  const preview = (result: Result, interrupted = false) =>
    isOk([[stageReport("dev", "skipped")], [stageReport("prod", result)]], true, interrupted);
  assert.equal(preview("unchanged"), true);
  assert.equal(preview("refused"), false);
  assert.equal(preview("skipped", true), false, "interrupted: not looked at");
  assert.equal(isOk([[stageReport("dev", "skipped")]], false, false), false);
});

test("the JSON holds the contract's fields and no others", () => {
  const { ok, waves, ...rest } = JSON.parse(toJson(richPromotion));
  assert.deepEqual([ok, Object.keys(rest), waves.length], [false, [], 3]);
  for (const stage of waves.flat())
    assert.deepEqual(Object.keys(stage), ["stack", "result", "reason", "states", "lastRun", "receipt", "seconds"]);
});

test("to delete or replace the transfer or the constraint is refused; views may come and go", () => {
  const change = (op: string, type: string) => [{ op, type: `wallet-vault:${type}`, name: "it" }];
  for (const op of ["delete", "replace", "create-replacement", "delete-replaced", "discard"])
    for (const type of ["KeyTransfer", "UniqueConstraint"])
      assert.match(
        forbiddenChanges(change(op, type), "prod") ?? "",
        /delete or replace it.*--stack prod/,
        `${op} ${type}`,
      );
  for (const op of ["create", "update"]) assert.equal(forbiddenChanges(change(op, "KeyTransfer"), "prod"), undefined);
  assert.equal(forbiddenChanges(change("replace", "View"), "prod"), undefined);
});

test("an update proves itself by its status, its accepted attention, and states that add up", () => {
  const outputs = (status: Status, states = counts({ stored: 5 }), proof: object = {}, summary: object = {}) => ({
    status,
    summary: { credentials: 5, states, verified: 5, flagsWrong: 0, lastRun, ...summary },
    receipt: { ...receipt, status, credentials: 5, verified: 5, ...proof },
    attention: [],
  });
  const some = counts({ stored: 3, missingKey: 2 });
  assert.equal(whyNoProof(outputs("complete"), "dev"), undefined);
  assert.match(whyNoProof(outputs("complete", counts({ stored: 4 })), "dev") ?? "", /add up to 4, but there are 5/);
  const incomplete = (reason: string, states?: StateCounts, summary = {}) =>
    whyNoProof(outputs("incomplete", states, { reason }, summary), "dev") ?? "";
  assert.match(
    incomplete("1 key pending.", counts({ stored: 4, pending: 1 })),
    /^Keys are still pending: 4 stored, 1 pending\. Promote again/,
  );
  assert.match(
    incomplete("2 flags wrong.", undefined, { flagsWrong: 2 }),
    /^2 flags could not be put right: 5 stored\. Promote again/,
  );
  assert.match(
    whyNoProof(outputs("attention", some), "dev") ?? "",
    /2 without a key.*config set acceptAttention '\["missingKey:2"\]' --stack dev/,
  );
  const accepted = { accepted: ["missingKey:2"], attentionAccepted: true };
  assert.equal(whyNoProof(outputs("attention", some, accepted), "dev"), undefined);
  assert.match(whyNoProof({}, "dev") ?? "", /no status/);
  assert.match(
    incomplete("3 wallets fewer than when the run began."),
    /^3 wallets fewer than when the run began\. Promote again/,
  );
  const failed = outputs("incomplete", undefined, { unfinished: true });
  assert.match(whyNoProof(failed, "dev") ?? "", /has not ended, or it failed/);
  const none = { credentials: 0, verified: 0 };
  assert.match(
    whyNoProof(outputs("complete", counts({}), none, none), "dev") ?? "",
    /no wallets, which proves nothing/,
  );
});
