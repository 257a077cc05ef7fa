import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { throwAsUserError } from "../../components/pulumi/user-error";
import { WalletVaultError } from "../../components/postgres/errors";

const ours = new WalletVaultError("ERR_TABLE_MISSING", "There is no table.", "Make it.");

function thrown(error: unknown): Error {
  try {
    return throwAsUserError(error);
  } catch (told) {
    return told as Error;
  }
}

test("an error for a person is its message: what Pulumi prints without a stack", () => {
  const told = thrown(ours);
  assert.ok(pulumi.RunError.isInstance(told));
  assert.deepEqual([told.message, told.stack], [ours.message, ours.message]);
});

// SDK 3.248, runtime/rpc.js: written onto the error itself, in strict mode.
test("what a newer SDK writes before the message of an error in an input is not taken, and does no harm", async () => {
  const told = thrown(ours);
  told.message = `error serializing property "survey": ${told.message}`;
  assert.equal(told.message, ours.message);
});

test("an error that is a mistake of the program keeps its stack", () => {
  const mistake = new TypeError("x is undefined");
  assert.equal(thrown(mistake), mistake);
});
