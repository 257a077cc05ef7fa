import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CaughtError,
  isConnectionLoss,
  safeError,
  sqlstateOf,
  WalletVaultError,
} from "../../components/postgres/errors";

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

test("a server's error is told by code and by the place that was looked up, never by its own text or names", () => {
  const objects = { schema: secret, table: secret, column: secret, constraint: secret };
  const error = safeError(fromServer("23514", objects), "moving keys", "table public.vault, constraint short_keys");
  assert.equal(error.sqlstate, "23514");
  for (const words of ["moving keys", "23514", "check_violation", "public.vault", "short_keys"])
    assert.ok(error.message.includes(words), words);
  assert.ok(!JSON.stringify([error.message, error.stack, error, String(error)]).includes(secret));
  assert.equal(error.cause, undefined);
});

test("a code that is none of PostgreSQL's is told as what raised it, for it may be a key's five characters", () => {
  for (const thrown of [fromServer("S3CR3"), new CaughtError("S3CR3")]) {
    const error = safeError(thrown, "moving keys");
    assert.equal(error.sqlstate, "P0001");
    assert.doesNotMatch(error.message, /S3CR3/);
  }
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
