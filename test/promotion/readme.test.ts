import assert from "node:assert/strict";
import { test } from "node:test";
import { stateAdvice } from "../../components/receipt/state-words";
import { readmeOf } from "../../components/receipt/stack-readme";
import { counts, lastRun, receipt } from "./sample";

const summary = { credentials: 14_000, states: counts({ stored: 14_000 }), verified: 13_988, flagsWrong: 0, lastRun };

test("the stack's page says how the wallets stand, and that nothing is to be done", () => {
  const page = readmeOf({ status: "complete", summary, attention: [], receipt });
  assert.match(page, /^# Wallet vault\n\nEvery key is in the vault\. Nothing is to be done\./);
  assert.match(page, /14000 of 14000 wallets \(100 %\)/);
  assert.doesNotMatch(page, /What to do/);
});

test("one wallet short is not 100 %, and the page lists who needs what", () => {
  const states = counts({ stored: 13_999, missingKey: 1 });
  const attention = [{ credentialId: "a|b ${x} <i>", state: "missingKey" as const, advice: "Restore *it*." }];
  const page = readmeOf({ status: "attention", summary: { ...summary, states }, attention, receipt });
  assert.match(page, /\*\*Some wallets need a person\.\*\*/);
  assert.match(page, /13999 of 14000 wallets \(99 %\)/);
  assert.match(page, /\| a&#124;b &#36;&#123;x&#125; &#60;i&#62; \| missingKey \| Restore &#42;it&#42;\. \|/);
  const accepted = readmeOf({
    status: "attention",
    summary: { ...summary, states },
    attention,
    receipt: { ...receipt, attentionAccepted: true },
  });
  assert.match(accepted, /looked at and accepted/);
});

test("incomplete says what to do", () => {
  const incomplete = (changes: Partial<typeof summary>) =>
    readmeOf({ status: "incomplete", summary: { ...summary, ...changes }, attention: [], receipt });
  assert.match(
    incomplete({ states: counts({ stored: 13_999, pending: 1 }) }),
    /still pending\.\*\* Run `pulumi up` again/,
  );
  assert.match(incomplete({ flagsWrong: 3 }), /3 flags could not be put right\.\*\* Run `pulumi up` again/);
});

test("no wallets are not 100 %, and a stack without its transfer has a page, too", () => {
  const none = { ...summary, credentials: 0, verified: 0, states: counts({}) };
  const page = readmeOf({ status: "complete", summary: none, attention: [], receipt });
  assert.match(page, /There are no wallets/);
  assert.doesNotMatch(page, /100 %/);
  assert.match(readmeOf({}), /not in this stack/);
});

test("the page counts every state, says once what to do for each, and names the states of wallets that it does not list", () => {
  const states = counts({ stored: 13_400, conflict: 400, missingKey: 200 });
  const wallet = (n: number, more = "") => ({
    credentialId: `wallet ${n}`,
    state: "conflict" as const,
    advice: `${stateAdvice("conflict")}${more}`,
  });
  const attention = [wallet(1), wallet(2, " Not listed here: 398 conflict, 200 missingKey.")];
  const page = readmeOf({ status: "attention", summary: { ...summary, states }, attention, receipt });
  assert.match(page, /^- \*\*400 conflict\*\*: .* docs\/after-the-transfer\.md\.$/m);
  assert.match(page, /^- \*\*200 missingKey\*\*: No key anywhere/m);
  for (const { credentialId } of attention) assert.ok(page.includes(`| ${credentialId} | conflict | as above |`), page);
  assert.match(page, /Not in this list: 398 conflict, 200 missingKey\. The view/);
});
