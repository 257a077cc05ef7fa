import assert from "node:assert/strict";
import { test } from "node:test";
import { isAccepted } from "../../components/receipt/accepted-attention";
import { whyRefused } from "../../components/receipt/gate";

const now = new Date("2026-03-10T12:00:00Z");
const receipt = {
  revision: "a".repeat(64),
  status: "complete",
  credentials: 5,
  verified: 5,
  at: "2026-03-10T11:00:00Z",
};
const why = (changes: object, maxAgeHours = 72) =>
  whyRefused("staging", { ...receipt, ...changes }, receipt.revision, now, maxAgeHours)?.why;

test("a complete receipt of the same revision proves", () => {
  assert.equal(why({}), undefined);
});

test("attention proves only what a person has accepted", () => {
  assert.match(why({ status: "attention" }) ?? "", /acceptAttention does not cover/);
  assert.match(why({ status: "attention", attentionAccepted: false }) ?? "", /acceptAttention does not cover/);
  assert.equal(why({ status: "attention", accepted: ["missingKey:1"], attentionAccepted: true }), undefined);
});

test("incomplete never proves, whatever was accepted", () => {
  const incomplete = {
    status: "incomplete",
    attentionAccepted: true,
    reason: "3 wallets fewer than when the run began.",
  };
  assert.match(why(incomplete) ?? "", /its status is incomplete: 3 wallets fewer/);
});

test("another revision proves nothing, and the reason names both", () => {
  assert.match(why({ revision: "b".repeat(64) }) ?? "", /revision bbbbbbbbbbbb, and this is revision aaaaaaaaaaaa/);
});

test("a receipt over no wallets proves nothing, and neither does one whose update did not end", () => {
  assert.match(why({ credentials: 0, verified: 0 }) ?? "", /counts no wallets/);
  assert.match(why({ status: "incomplete", credentials: 0, unfinished: true }) ?? "", /has not ended, or it failed/);
});

test("a proof counts up to its last hour, and what the gate says of an older one is true to the minute", () => {
  assert.equal(why({ at: "2026-03-07T12:00:00Z" }), undefined);
  for (const [at, hours] of [
    ["2026-03-07T11:59:59Z", 72],
    ["2026-03-10T10:57:30Z", 1],
    ["2026-03-10T11:00:00Z", 0.5],
  ] as const)
    assert.equal(why({ at }, hours), `its proof is of ${at}, older than promotionMaxAgeHours (${hours}) allows`);
});

test("a receipt from the future, or without a date, proves nothing", () => {
  assert.equal(why({ at: "2026-03-10T12:10:00Z" }), undefined, "clocks differ a little");
  assert.match(why({ at: "2027-03-10T12:00:00Z" }) ?? "", /in the future/);
  assert.match(why({ at: "yesterday" }) ?? "", /not one of this program's/);
});

test("the gate says what helps: a refresh where only the proof's age is wrong, else an update", () => {
  const hint = (changes: object) =>
    whyRefused("staging", { ...receipt, ...changes }, receipt.revision, now, 72)?.hint ?? "";
  for (const at of ["2026-03-01T12:00:00Z", "2027-03-10T12:00:00Z"])
    assert.match(hint({ at }), /npm run pulumi -- up --refresh --stack staging/, at);
  assert.match(hint({ revision: "b".repeat(64) }), /^Bring that stack to this revision first/);
});

test("no receipt, or one that this program never writes, proves nothing", () => {
  for (const given of [undefined, null])
    assert.match(whyRefused("staging", given, receipt.revision, now, 72)?.why ?? "", /no receipt/);
  for (const given of ["complete", 7, [], { status: "complete" }])
    assert.match(whyRefused("staging", given, receipt.revision, now, 72)?.why ?? "", /not one of this program's/);
  for (const changes of [
    { attentionAccepted: "yes" },
    { verified: -1 },
    { verified: 6 },
    { verified: undefined },
    { credentials: 4.5, verified: 4 },
    { credentials: "5" },
    { credentials: Number.NaN },
    { reason: "3 keys pending." },
    { status: "incomplete" },
    { status: "done" },
    { unfinished: false },
    { accepted: "missingKey:1" },
    { at: "2026-03-10" },
    { revision: "" },
  ])
    assert.match(why(changes) ?? "", /not one of this program's/, JSON.stringify(changes));
});

test("attention is accepted up to the count of each state, and no further", () => {
  const states = { stored: 9, pending: 0, conflict: 1, ambiguousSource: 0, unreadableSource: 0, missingKey: 3 };
  assert.equal(isAccepted({ states }, ["missingKey:3", "conflict:1"]), true);
  assert.equal(isAccepted({ states }, ["missingKey:12", "conflict:1"]), true);
  assert.equal(isAccepted({ states }, ["missingKey:2", "conflict:1"]), false);
  assert.equal(isAccepted({ states }, ["missingKey:3"]), false);
  assert.equal(isAccepted({ states }, []), false);
  assert.equal(
    isAccepted({ states }, ["missingKey:12", "missingKey:2", "conflict:1"]),
    false,
    "the smaller count holds",
  );
  assert.equal(isAccepted({ states: { ...states, conflict: 0, missingKey: 0 } }, []), true);
  const identity = { proven: 5, mismatch: 2, addressImpossible: 1, notDerivable: 1, unproven: 0 };
  const rest = ["missingKey:3", "conflict:1"];
  assert.equal(isAccepted({ states, identity }, rest), false);
  assert.equal(isAccepted({ states, identity }, [...rest, "mismatch:2"]), false);
  assert.equal(isAccepted({ states, identity }, [...rest, "mismatch:1", "addressImpossible:1"]), false);
  assert.equal(isAccepted({ states, identity }, [...rest, "mismatch:2", "addressImpossible:1"]), true);
});
