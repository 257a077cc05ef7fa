import assert from "node:assert/strict";
import { test } from "node:test";
import type { BatchResult } from "../../components/key-transfer/sql/batch";
import { refusalReason, statusOf } from "../../components/key-transfer/summary";
import { addBatch, emptyTotals, forgetRefusals, sameRefusal } from "../../components/key-transfer/totals";

const batch: BatchResult = {
  locked: 25,
  transferred: 5,
  repaired: 2,
  assigned: 1,
  flags_set: 4,
  flags_cleared: 3,
  refused: 15,
  refusals: Array.from({ length: 15 }, (_, n) => ({
    id: String(n),
    sqlstate: "23514",
    constraint: null,
    cause: "refused" as const,
  })),
};

test("batches add up, and the first 20 refusals are kept", () => {
  const totals = emptyTotals();
  addBatch(totals, batch);
  addBatch(totals, batch);
  const { refusals, ...counts } = totals;
  assert.deepEqual(counts, {
    alike: "no longer",
    transferred: 10,
    repaired: 4,
    flagsSet: 8,
    flagsCleared: 6,
    vaultIdsAssigned: 2,
    batches: 2,
    retries: 0,
    refused: 30,
  });
  assert.deepEqual(
    refusals.map(({ id }) => Number(id)),
    [...Array.from({ length: 15 }, (_, n) => n), 0, 1, 2, 3, 4],
  );
  assert.deepEqual(emptyTotals().refusals, [], "a new run begins with nothing");
});

const none = { stored: 9, pending: 0, conflict: 0, ambiguousSource: 0, unreadableSource: 0, missingKey: 0 };

test("the status is incomplete while anything is open, attention while a person is needed, else complete", () => {
  assert.equal(statusOf({ states: none, flagsWrong: 0 }), "complete");
  for (const state of ["conflict", "ambiguousSource", "unreadableSource", "missingKey"]) {
    const states = { ...none, [state]: 1 };
    assert.equal(statusOf({ states, flagsWrong: 0 }), "attention");
    assert.equal(statusOf({ states: { ...states, pending: 1 }, flagsWrong: 0 }), "incomplete");
    assert.equal(statusOf({ states, flagsWrong: 1 }), "incomplete");
    assert.equal(statusOf({ states, flagsWrong: 0 }, { wallets: 1, comparisons: 0 }), "incomplete", "a wallet is gone");
    assert.equal(statusOf({ states, flagsWrong: 0 }, { wallets: 0, comparisons: 1 }), "incomplete", "a key is gone");
  }
});

test("a refusal is told by SQLSTATE, its name and the constraint, or by its cause", () => {
  const refusal = { id: "1", sqlstate: "23514", constraint: "constraint short_keys", cause: "refused" } as const;
  assert.equal(refusalReason(refusal), "23514 check_violation, constraint short_keys");
  assert.equal(refusalReason({ ...refusal, sqlstate: "P0001", constraint: null }), "P0001 raise_exception");
  assert.match(refusalReason({ ...refusal, sqlstate: "WV001", cause: "modified" }), /trigger/);
  assert.match(refusalReason({ ...refusal, cause: "locked", holder: "pid 7 (psql)" }), /locked: pid 7 \(psql\)$/);
});

test("200 wallets refused for one reason, and none moved, say what to expect of the others", () => {
  const refused = { ...batch, transferred: 0, flags_set: 0, refused: 50 };
  const after = (...batches: BatchResult[]) => {
    const totals = emptyTotals();
    for (const one of batches) addBatch(totals, one);
    return sameRefusal(totals)?.wallets;
  };
  const other = { ...refused, refusals: [{ id: "x", sqlstate: "23505", constraint: null, cause: "refused" as const }] };
  const held = { ...refused, refusals: [{ id: "x", sqlstate: "55P03", constraint: null, cause: "locked" as const }] };
  assert.equal(after(refused, refused, refused), undefined, "150 are not enough");
  assert.equal(after(refused, refused, refused, refused), 200);
  assert.equal(after(refused, refused, refused, refused, other), undefined, "another reason");
  const by = (cause: "modified" | "otherRows", sqlstate: string) => ({
    ...refused,
    refusals: [{ id: "x", sqlstate, constraint: null, cause }],
  });
  const [modified, others] = [by("modified", "WV001"), by("otherRows", "WV002")];
  assert.equal(after(others, modified, others, others), 200, "what one trigger does, is one reason");
  assert.equal(after({ ...refused, transferred: 1 }, refused, refused, refused, refused), undefined, "one was moved");
  assert.equal(after(held, held, held, held), undefined, "locks pass");

  const totals = emptyTotals();
  for (const one of [refused, refused, refused, refused]) addBatch(totals, one);
  forgetRefusals(totals);
  for (const one of [refused, refused, refused]) addBatch(totals, one);
  assert.equal(sameRefusal(totals), undefined, "a second pass over the same wallets does not count twice");
});
