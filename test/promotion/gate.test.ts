import assert from "node:assert/strict";
import { test } from "node:test";
import { isAccepted } from "../../components/key-transfer/acceptance";
import { whyNotProven } from "../../components/promotion-gate";

const now = new Date("2026-03-10T12:00:00Z");
const receipt = {
  revision: "a".repeat(64),
  status: "complete",
  credentials: 5,
  verified: 5,
  at: "2026-03-10T11:00:00Z",
};
const why = (changes: object, maxAgeHours = 72) =>
  whyNotProven({ ...receipt, ...changes }, receipt.revision, now, maxAgeHours);

test("a complete receipt of the same revision proves", () => {
  assert.equal(why({}), undefined);
});

test("attention proves only what a person has accepted", () => {
  assert.match(why({ status: "attention" }) ?? "", /acceptAttention does not cover/);
  assert.match(why({ status: "attention", attentionAccepted: false }) ?? "", /acceptAttention does not cover/);
  assert.equal(why({ status: "attention", accepted: ["missingKey:1"], attentionAccepted: true }), undefined);
});

test("incomplete never proves, whatever was accepted", () => {
  assert.match(why({ status: "incomplete", attentionAccepted: true }) ?? "", /incomplete/);
});

test("another revision proves nothing, and the reason names both", () => {
  assert.match(why({ revision: "b".repeat(64) }) ?? "", /revision bbbbbbbbbbbb, and this is revision aaaaaaaaaaaa/);
});

test("a receipt over no wallets proves nothing, and neither does one whose update did not end", () => {
  assert.match(why({ credentials: 0, verified: 0 }) ?? "", /counts no wallets/);
  assert.match(why({ status: "incomplete", credentials: 0, unfinished: true }) ?? "", /has not ended, or it failed/);
});

test("a proof counts up to its last hour", () => {
  assert.equal(why({ at: "2026-03-07T12:00:00Z" }), undefined);
  assert.match(why({ at: "2026-03-07T11:00:00Z" }) ?? "", /73\.0 hours old, and promotionMaxAgeHours is 72/);
  assert.match(why({}, 0.5) ?? "", /1\.0 hours old/);
});

test("a receipt from the future, or without a date, proves nothing", () => {
  assert.equal(why({ at: "2026-03-10T12:10:00Z" }), undefined, "clocks differ a little");
  assert.match(why({ at: "2027-03-10T12:00:00Z" }) ?? "", /in the future/);
  assert.match(why({ at: "yesterday" }) ?? "", /when it was made/);
});

test("no receipt, or one of something else, proves nothing", () => {
  for (const [given, reason] of [
    [undefined, /no receipt/],
    [null, /no receipt/],
    ["complete", /not one of this program's/],
    [{ status: "complete" }, /not one of this program's/],
    [{ ...receipt, attentionAccepted: "yes" }, /not one of this program's/],
  ] as const)
    assert.match(whyNotProven(given, receipt.revision, now, 72) ?? "", reason);
});

test("attention is accepted up to the count of each state, and no further", () => {
  const states = { stored: 9, pending: 0, conflict: 1, ambiguousSource: 0, unreadableSource: 0, missingKey: 3 };
  assert.equal(isAccepted(states, ["missingKey:3", "conflict:1"]), true);
  assert.equal(isAccepted(states, ["missingKey:12", "conflict:1"]), true);
  assert.equal(isAccepted(states, ["missingKey:2", "conflict:1"]), false);
  assert.equal(isAccepted(states, ["missingKey:3"]), false);
  assert.equal(isAccepted(states, []), false);
  assert.equal(isAccepted(states, ["missingKey:12", "missingKey:2", "conflict:1"]), false, "the smaller count holds");
  assert.equal(isAccepted({ ...states, conflict: 0, missingKey: 0 }, []), true);
});
