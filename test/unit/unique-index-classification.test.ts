import assert from "node:assert/strict";
import { test } from "node:test";
import {
  classify,
  type IndexFacts,
  nextStep,
  type Verdict,
} from "../../components/unique-constraint/index/classification";

const columns = ["credential_id"];

/** A unique constraint on the columns, as the catalog has it, but for what a test changes. */
const index = (changes: Partial<IndexFacts> = {}): IndexFacts => ({
  oid: 1,
  name: "i",
  columns,
  unique: true,
  exclusion: false,
  partial: false,
  immediate: true,
  valid: true,
  ready: true,
  live: true,
  plain: true,
  constraint: "c",
  constraintKind: "unique",
  ...changes,
});
const bare = { constraint: null, constraintKind: null };

for (const [title, changes, verdict] of [
  ["a unique constraint serves", {}, "serves"],
  ["a bare unique index serves", bare, "serves"],
  ["a descending index serves", { ...bare, plain: false }, "serves"],
  ["a plain index does not", { ...bare, unique: false }, "notUnique"],
  ["an exclusion constraint does not, unique or not", { exclusion: true, constraintKind: null }, "exclusion"],
  ["an expression does not, even beside our column", { ...bare, columns: ["credential_id", null] }, "expression"],
  ["a superset does not", { columns: ["credential_id", "vault_id"] }, "otherColumns"],
  ["another column with a similar name does not", { columns: ["credential_id_2"] }, "otherColumns"],
  ["a partial index does not", { ...bare, partial: true }, "partial"],
  ["a DEFERRABLE constraint does not", { immediate: false }, "deferrable"],
  ["an index that is not valid does not", { ...bare, valid: false }, "invalidIndex"],
  ["an index that was never ready does not", { ...bare, valid: false, ready: false }, "invalidIndex"],
  ["an index that is being dropped does not", { ...bare, valid: false, ready: false, live: false }, "invalidIndex"],
  ["an INVALID index with a constraint does not, and is not to be dropped", { valid: false }, "invalidConstraintIndex"],
  [
    "an INVALID copy of a DEFERRABLE constraint's index does not serve either",
    { ...bare, immediate: false, valid: false },
    "invalidIndex",
  ],
  ["an INVALID partial index is not ours", { ...bare, partial: true, valid: false }, "partial"],
] as const satisfies readonly (readonly [string, Partial<IndexFacts>, Verdict])[]) {
  test(title, () => assert.equal(classify(index(changes), columns), verdict));
}

test("columns are compared as a set", () => {
  assert.equal(classify(index({ columns: ["b", "a"] }), ["a", "b"]), "serves");
  assert.equal(classify(index({ columns: ["a"] }), ["a", "b"]), "otherColumns");
  assert.equal(classify(index({ columns: ["a", "a"] }), ["a", "b"]), "otherColumns");
});

test("nothing there: build", () => assert.deepEqual(nextStep([], columns, "c"), { do: "build", invalidIndexes: [] }));

test("a constraint is adopted before an index is promoted, and the declared name before others", () => {
  const attachable = index({ oid: 1, ...bare });
  const primary = index({ oid: 2, constraint: "pk", constraintKind: "primary" });
  const other = index({ oid: 3, constraint: "other" });
  const declared = index({ oid: 4, constraint: "c" });
  assert.deepEqual(nextStep([attachable, primary, other, declared], columns, "c"), { do: "adopt", index: declared });
  assert.deepEqual(nextStep([attachable, primary, other], columns, "c"), { do: "adopt", index: other });
  assert.deepEqual(nextStep([attachable, primary], columns, "c"), { do: "adopt", index: primary });
  assert.deepEqual(nextStep([attachable], columns, "c"), { do: "attach", index: attachable, invalidIndexes: [] });
});

test("an index that can become a constraint is preferred to one that cannot; that one is adopted as it is", () => {
  const descending = index({ oid: 1, ...bare, plain: false });
  const attachable = index({ oid: 2, ...bare });
  assert.deepEqual(nextStep([descending, attachable], columns, "c"), {
    do: "attach",
    index: attachable,
    invalidIndexes: [],
  });
  assert.deepEqual(nextStep([descending], columns, "c"), { do: "adopt", index: descending });
  assert.deepEqual(nextStep([attachable], columns, "c", new Set([2])), { do: "adopt", index: attachable });
});

test("a DEFERRABLE constraint is refused whatever else is there", () => {
  const lazy = index({ oid: 2, immediate: false });
  assert.deepEqual(nextStep([index(), lazy], columns, "c"), { do: "refuse", index: lazy });
});

test("INVALID indexes are replaced only where nothing serves; that of a constraint is rebuilt", () => {
  const invalid = index({ oid: 1, ...bare, valid: false });
  const ofConstraint = index({ oid: 2, valid: false });
  const good = index({ oid: 3 });
  assert.deepEqual(nextStep([invalid], columns, "c"), { do: "build", invalidIndexes: [invalid] });
  assert.deepEqual(nextStep([invalid, ofConstraint], columns, "c"), {
    do: "reindex",
    index: ofConstraint,
    invalidIndexes: [invalid],
  });
  assert.deepEqual(nextStep([invalid, good], columns, "c"), { do: "adopt", index: good });
  const attachable = index({ oid: 4, ...bare });
  assert.deepEqual(nextStep([invalid, attachable], columns, "c"), {
    do: "attach",
    index: attachable,
    invalidIndexes: [invalid],
  });
});
