import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineEvent, OpType } from "@pulumi/pulumi/automation";
import { observe, plain } from "../../promotion/events";
import { failureOf } from "../../promotion/failure";
import { counts, lastRun, receipt } from "./sample";

const urn = "urn:pulumi:dev::wallet-vault::wallet-vault:WalletVault$x::transfer";
const type = "pulumi-nodejs:dynamic/wallet-vault:KeyTransfer";
const summary = { credentials: 3, states: counts({ stored: 1, pending: 2 }), verified: 1, flagsWrong: 0, lastRun };

/** As the engine tells it when a resource is done; `outputs` may hold inputs too. */
const done = (outputs: object, planning: boolean): EngineEvent => {
  const state = { type, urn, id: "id", parent: "", inputs: {}, outputs, provider: "" };
  const metadata = { op: "update" as OpType, urn, type, provider: "", new: state };
  return { sequence: 1, timestamp: 1, resOutputsEvent: { metadata, planning } };
};

test("what a transfer left behind is known although its update fails later; of a plan nothing is", () => {
  const { seen, onEvent } = observe(() => undefined);
  const left = { status: "incomplete", summary, attention: [], receipt };
  onEvent(done(left, true));
  assert.equal(seen.transfer, undefined);
  onEvent(done({ ...left, databaseUrl: "never passed on" }, false));
  assert.deepEqual(seen.transfer, left);
});

test("of a URL nothing before its last @ is passed on, whatever the password holds", () => {
  for (const password of ["simple", "p@ss", "a/b@c/d", "://@"])
    assert.equal(
      plain(`cannot reach postgresql://user:${password}@host:5432/database now`),
      "cannot reach postgresql://…@host:5432/database now",
      password,
    );
});

test("the CLI's own errors are said once, and a wrong passphrase with what to do", () => {
  const failed = (text: string) => failureOf(new Error(text), "dev").message;
  assert.equal(failed("error: update cancelled\nmore\nerror: update cancelled\n"), "update cancelled");
  assert.match(
    failed("error: getting stack: incorrect passphrase\n"),
    /not that of dev\. Set PULUMI_CONFIG_PASSPHRASE,/,
  );
});
