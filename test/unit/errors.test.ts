import assert from "node:assert/strict";
import { test } from "node:test";
import { isConnectionLoss, safeError, sqlstateOf, WalletVaultError } from "../../components/postgres/errors";

const secret = "0xs3cr3tk3y";

/** As node-postgres throws it, with a key in every field that may quote a row. */
const fromServer = (code: string, fields: object = {}): Error =>
  Object.assign(new Error(`failing row contains ${secret}`), {
    severity: "ERROR",
    code,
    detail: secret,
    hint: secret,
    where: secret,
    internalQuery: secret,
    dataType: secret,
    ...fields,
  });

test("a server's error is told by code, name and objects, never by its own text", () => {
  const objects = { schema: "public", table: "credential_vault_storage", column: "vault_id", constraint: "short_keys" };
  const error = safeError(fromServer("23514", objects), "moving keys");
  assert.equal(error.sqlstate, "23514");
  for (const words of ["moving keys", "23514", "check_violation", ...Object.values(objects)])
    assert.ok(error.message.includes(words), words);
  assert.ok(!JSON.stringify([error.message, error.stack, error, String(error)]).includes(secret));
  assert.equal(error.cause, undefined);
});

test("whatever else is thrown is named by its type, without its text", () => {
  for (const thrown of [new Error(secret), secret, { message: secret }, null, undefined, new SyntaxError(secret)]) {
    const error = safeError(thrown, "looking");
    assert.ok(error instanceof WalletVaultError);
    assert.ok(!`${error.message}${error.stack}`.includes(secret));
    assert.ok(error.message.includes("looking"));
  }
});

test("an error that is meant for a person passes as it is", () => {
  const error = new WalletVaultError("ERR_PRIVILEGE", "Found.", "Do this.");
  assert.equal(safeError(error, "looking"), error);
  assert.equal(error.message, "Found. Do this. [ERR_PRIVILEGE]");
  assert.equal(error.stack, error.message);
});

test("a lost connection is told as one, by SQLSTATE, system call or node-postgres' words", () => {
  const system = (code: string): Error => Object.assign(new Error(secret), { code });
  for (const lost of [
    fromServer("08006"),
    fromServer("57P01"),
    fromServer("25P04"),
    system("ECONNRESET"),
    new Error("Connection terminated unexpectedly"),
  ])
    assert.equal(isConnectionLoss(lost), true);
  for (const other of [fromServer("23505"), fromServer("57014"), system("ENOENT"), new Error(secret), secret])
    assert.equal(isConnectionLoss(other), false);
  const told = safeError(system("ECONNRESET"), "looking");
  assert.equal(told.code, "ERR_CONNECTION");
  assert.ok(told.message.includes("ECONNRESET") && !told.message.includes(secret));
});

test("only an error of the server has a SQLSTATE", () => {
  assert.equal(sqlstateOf(fromServer("40P01")), "40P01");
  for (const other of [new Error("x"), Object.assign(new Error("x"), { code: "EPIPE" }), { code: "23505" }, null])
    assert.equal(sqlstateOf(other), undefined);
});
