import assert from "node:assert/strict";
import { test } from "node:test";
import { providerArguments } from "../../components/monitoring/provider-arguments";

const modes: readonly (readonly [string, string])[] = [
  ["", "disable"],
  ["?sslmode=disable", "disable"],
  ["?ssl=0", "disable"],
  ["?sslmode=prefer", "verify-full"],
  ["?sslmode=require", "verify-full"],
  ["?sslmode=verify-ca", "verify-full"],
  ["?sslmode=verify-full", "verify-full"],
  ["?ssl=true", "verify-full"],
  ["?sslmode=no-verify", "require"],
];

for (const [query, sslmode] of modes) {
  test(`a URL that ends in "${query}" makes the plugin use sslmode ${sslmode}`, () => {
    assert.equal(providerArguments(`postgresql://user@host/db${query}`).sslmode, sslmode);
  });
}

test("percent-encoded parts of the URL arrive decoded", () => {
  const { username, password, database } = providerArguments("postgresql://me%40here:p%2Fw%3A%25@host/my%20db");
  assert.deepEqual([username, password, database], ["me@here", "p/w:%", "my db"]);
});

test("a URL that cannot be read is not repeated in the error", () => {
  for (const url of ["geheim", "postgresql://user:geheim@host:port/db"]) {
    assert.throws(
      () => providerArguments(url),
      (error: Error) => {
        assert.match(error.message, /ERR_CONFIGURATION/);
        assert.doesNotMatch(error.message, /geheim/);
        return true;
      },
    );
  }
});

test("certificates are handed on by path", () => {
  const { sslmode, sslrootcert, clientcert } = providerArguments(
    "postgresql://u@h/d?sslrootcert=/ca.crt&sslcert=/me.crt&sslkey=/me.key",
  );
  assert.deepEqual(
    { sslmode, sslrootcert, clientcert },
    { sslmode: "verify-full", sslrootcert: "/ca.crt", clientcert: { cert: "/me.crt", key: "/me.key" } },
  );
});
