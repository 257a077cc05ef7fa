import assert from "node:assert/strict";
import { test } from "node:test";
import type { Receipt } from "../../components/receipt/receipt";
import { lastLine } from "../../components/receipt/last-line";
import { counts, lastRun, receipt } from "./sample";

const next = "npm run pulumi -- stack output readme --stack dev";
const people = { conflict: 300, missingKey: 200 };

function line(
  status: Receipt["status"],
  states: Parameters<typeof counts>[0],
  ran: boolean,
  changes: Partial<Receipt> = {},
): string {
  const credentials = Object.values(states).reduce((sum, n) => sum + n, 0);
  const summary = { credentials, states: counts(states), verified: 49_401, flagsWrong: 0, lastRun };
  return lastLine({ status, summary, receipt: { ...receipt, status, ...changes } }, ran, next);
}

test("an update ends with what it moved, who needs a person, and where to read on", () => {
  assert.equal(
    line("attention", { stored: 49_501, ...people }, true),
    `12,840 keys moved, 49,401 compared, 500 need a person: 300 conflict, 200 missingKey. Next: ${next}`,
  );
  assert.equal(line("complete", { stored: 5 }, true), "12,840 keys moved, 49,401 compared.");
});

test("an update with nothing to move says so, and claims nothing of an earlier run", () => {
  assert.equal(line("complete", { stored: 1_000 }, false), "Nothing to do, 1,000 of 1,000 wallets stored.");
  assert.equal(
    line("attention", { stored: 1, missingKey: 2 }, false, { attentionAccepted: true, accepted: ["missingKey:2"] }),
    "Nothing to do, 1 of 3 wallets stored, 2 need a person (accepted): 2 missingKey.",
  );
});

test("an update that left keys pending says why, in a line that stays one", () => {
  const reason = `3 keys pending. Left undone: 23514 check_violation, constraint c.${" and so on".repeat(100)}`;
  const told = line("incomplete", { stored: 5, pending: 3 }, true, { reason });
  assert.match(
    told,
    /^12,840 keys moved, 49,401 compared\. Incomplete: 3 keys pending\. Left undone: 23514 check_violation/,
  );
  assert.ok(told.endsWith(` Next: ${next}`) && told.length < 500, told);
});
