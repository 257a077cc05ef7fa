import assert from "node:assert/strict";
import { test } from "node:test";
import { providerArguments } from "../../components/monitoring/provider-arguments";

const modes: readonly (readonly [string, string])[] = [
  ["", "verify-full"],
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

test("what the environment says of the TLS handshake is not taken for a fault of databaseUrl", () => {
  process.env["PGSSLNEGOTIATION"] = "direct";
  try {
    assert.equal(providerArguments("postgresql://user@host/db?sslmode=disable").host, "host");
  } finally {
    delete process.env["PGSSLNEGOTIATION"];
  }
});

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

test("on this machine the plugin needs no TLS either, unless it is asked for", () => {
  const here = ["", "?sslmode=require"].map((query) => providerArguments(`postgresql://u@127.0.0.1/d${query}`).sslmode);
  assert.deepEqual(here, ["disable", "verify-full"]);
});

test("an IPv6 address arrives in the brackets that the plugin needs", () => {
  const hosts = ["[2001:db8::1]", "127.0.0.1"].map((host) => providerArguments(`postgresql://u@${host}/d`).host);
  assert.deepEqual(hosts, ["[2001:db8::1]", "127.0.0.1"]);
});

// It would connect to localhost.
test("a socket, which the plugin would take for another server, is refused", () => {
  for (const url of ["postgresql:///d?host=/run/pg&password=geheim", "postgresql://u:geheim@%2Frun%2Fpg/d"])
    assert.throws(() => providerArguments(url), /ERR_CONFIGURATION/);
  assert.throws(() => providerArguments("postgresql:///d?host=/run/pg&password=geheim"), /socket/);
});

test("a database whose name makes the plugin print the password is refused, in words that print nothing", () => {
  for (const name of ["a%25b", "a%3Fb", "a%23b"])
    assert.throws(
      () => providerArguments(`postgresql://u:geheim@h/${name}`),
      ({ message }: Error) => /name of the database/.test(message) && !/geheim/.test(message),
    );
});
