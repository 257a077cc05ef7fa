import assert from "node:assert/strict";
import { test } from "node:test";
import type { Status } from "../../components/key-transfer/summary";
import type { StateCounts } from "../../components/key-transfer/states";
import { whyRefused } from "../../components/receipt/gate";
import { updatesOnlyAPart } from "../../components/receipt/partial-update";
import { isYounger } from "../../components/receipt/age";
import type { Receipt } from "../../components/receipt/receipt";
import { whyNotComplete } from "../../components/receipt/strict";
import { whyNoProof } from "../../promotion/verdict";
import { counts, lastRun } from "./sample";

const revision = "a".repeat(64);

/** Outputs of five wallets that agree with each other, but for what is changed. */
function stack(status: Status, states: StateCounts, changes: { receipt?: object; summary?: object } = {}) {
  const summary = { credentials: 5, states, verified: 2, flagsWrong: 0, lastRun, ...changes.summary };
  const at = new Date().toISOString();
  const receipt = { revision, status, credentials: 5, verified: 2, at, ...changes.receipt };
  return { status, summary, receipt: receipt as Receipt, attention: [] };
}

const stored = counts({ stored: 5 });
const missing = counts({ stored: 3, missingKey: 2 });
const pending = counts({ stored: 3, pending: 1, conflict: 1 });
const accepted = { accepted: ["missingKey:2"], attentionAccepted: true };
const reason = "1 key pending. Its time (maxMinutes) was up.";

test("strict mode, the runner and the gate agree on what proves a stage", () => {
  for (const [what, outputs, proven] of [
    ["complete", stack("complete", stored), true],
    ["accepted", stack("attention", missing, { receipt: accepted }), true],
    ["not accepted", stack("attention", missing), false],
    ["incomplete", stack("incomplete", pending, { receipt: { reason } }), false],
    ["lost", stack("incomplete", stored, { receipt: { reason: "1 wallet fewer than when the run began." } }), false],
    ["failed", stack("incomplete", stored, { receipt: { reason, unfinished: true } }), false],
    ["malformed", stack("complete", stored, { receipt: { verified: -1 } }), false],
    ["with a reason", stack("complete", stored, { receipt: { reason } }), false],
  ] as const) {
    assert.equal(whyNotComplete(outputs) === undefined, proven, `strict: ${what}`);
    assert.equal(whyNoProof(outputs, "dev") === undefined, proven, `runner: ${what}`);
    assert.equal(whyRefused("dev", outputs.receipt, revision, new Date(), 1) === undefined, proven, `gate: ${what}`);
  }
});

test("outputs that contradict each other prove nothing to those who see them all", () => {
  for (const [outputs, why] of [
    [stack("complete", counts({ stored: 4 })), /add up to 4, but there are 5/],
    [stack("complete", stored, { receipt: { credentials: 4 } }), /receipt says credentials 4, .* outputs say 5/],
    [stack("complete", stored, { receipt: { verified: 3 } }), /receipt says verified 3, .* outputs say 2/],
    [stack("complete", missing, { receipt: { status: "attention" } }), /receipt says status attention/],
    [stack("complete", missing), /status is complete, and its counts make it attention/],
    [stack("complete", stored, { summary: { flagsWrong: 1 } }), /its counts make it incomplete/],
    [stack("attention", missing, { receipt: { ...accepted, accepted: ["missingKey:1"] } }), /does not cover it/],
  ] as const) {
    assert.match(whyNoProof(outputs, "dev") ?? "", why);
    assert.match(whyNotComplete(outputs)?.message ?? "", why);
  }
});

test("no wallets fail no update, and let no next stage through", () => {
  const empty = { credentials: 0, verified: 0 };
  const outputs = stack("complete", counts({}), { receipt: empty, summary: empty });
  assert.equal(whyNotComplete(outputs), undefined);
  assert.match(whyNoProof(outputs, "dev") ?? "", /no wallets/);
  assert.match(whyRefused("dev", outputs.receipt, revision, new Date(), 1)?.why ?? "", /counts no wallets/);
});

test("strict says of an incomplete update what the receipt gives as its reason, and blames no others", () => {
  const states = counts({ stored: 3, conflict: 2 });
  const lost = "2 wallets fewer than when the run began.";
  const message = whyNotComplete(stack("incomplete", states, { receipt: { reason: lost } }))?.message ?? "";
  assert.match(message, /status is incomplete: 2 wallets fewer than when the run began\. Run the same command/);
  assert.doesNotMatch(message, /conflict/);
});

test("an update of a part of the stack is told by its flags", () => {
  for (const line of ["up --target urn:a", "up -t urn:a", "up --target=urn:a", "up --yes --exclude urn:a"])
    assert.equal(updatesOnlyAPart(line.split(" ")), true, line);
  for (const line of ["up --yes", "up --refresh --stack target", "up --exclude-dependents", "up --replace urn:a"])
    assert.equal(updatesOnlyAPart(line.split(" ")), false, line);
});

test("a receipt is young for so many minutes after it was made, and never before", () => {
  const now = Date.parse("2026-03-10T12:00:00Z");
  assert.equal(isYounger("2026-03-10T12:00:00Z", 60, now), true);
  assert.equal(isYounger("2026-03-10T11:00:01Z", 60, now), true);
  assert.equal(isYounger("2026-03-10T11:00:00Z", 60, now), false);
  assert.equal(isYounger("2026-03-10T12:00:01Z", 60, now), false, "from the future");
  assert.equal(isYounger(undefined, 60, now), false);
});
