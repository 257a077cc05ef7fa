import assert from "node:assert/strict";
import { test } from "node:test";
import { readDatabaseUrl } from "../../components/postgres/connection-url";
import { tlsOf } from "../../components/postgres/tls";

const decided = (url: string, environment = {}) => {
  const { mode, saidBy } = tlsOf(readDatabaseUrl(url), environment);
  return `${mode}, ${saidBy}`;
};

for (const host of [
  "db.example",
  "10.0.0.5",
  "192.168.1.1",
  "[2001:db8::1]",
  "localhost.example",
  "127.example",
  "0.0.0.0",
])
  test(`to ${host}, TLS with verification is the default, and going without has to be said`, () => {
    assert.equal(decided(`postgresql://me@${host}/wallets`), "verify-full, default");
    assert.equal(decided(`postgresql://me@${host}/wallets?sslmode=disable`), "disable, databaseUrl");
    assert.equal(
      decided(`postgresql://me@127.0.0.1/wallets?host=${host.replace(/[[\]]/g, "")}`),
      "verify-full, default",
    );
  });

for (const host of ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.10", "[::1]"])
  test(`to ${host}, nothing leaves this machine: plain text, unless TLS is asked for`, () => {
    assert.equal(decided(`postgresql://me@${host}/wallets`), "disable, default");
    assert.equal(decided(`postgresql://me@${host}/wallets?sslmode=require`), "verify-full, databaseUrl");
  });

test("a socket takes no TLS, whatever asks for it", () => {
  for (const url of ["postgresql:///wallets?host=/run/pg", "postgresql://%2Frun%2Fpg/wallets?sslmode=verify-full"])
    assert.equal(decided(url, { PGSSLMODE: "require" }), "disable, default");
});

test("no mode means TLS if the server likes, or any certificate, but the one that says so", () => {
  const modes = ["allow", "prefer", "require", "verify-ca", "verify-full", "no-verify"].map((mode) =>
    decided(`postgresql://me@127.0.0.1/wallets?sslmode=${mode}`),
  );
  assert.deepEqual(modes, [...Array(5).fill("verify-full, databaseUrl"), "no-verify, databaseUrl"]);
});

for (const parameter of ["sslrootcert=/ca.crt", "sslcert=/me.crt", "ssl=true", "ssl=1", "sslnegotiation=direct"])
  test(`${parameter} asks for TLS, on this machine as well`, () => {
    assert.equal(decided(`postgresql://me@127.0.0.1/wallets?${parameter}`), "verify-full, databaseUrl");
  });

test("the environment decides where databaseUrl says nothing, and is named as the one that did", () => {
  const [here, there] = ["postgresql://me@127.0.0.1/wallets", "postgresql://me@db.example/wallets"];
  assert.equal(decided(there, { PGSSLMODE: "disable" }), "disable, PGSSLMODE");
  assert.equal(decided(here, { PGSSLMODE: "prefer" }), "verify-full, PGSSLMODE");
  assert.equal(decided(`${there}?sslmode=require`, { PGSSLMODE: "disable" }), "verify-full, databaseUrl");
  assert.equal(decided(`${there}?sslmode=disable`, { PGSSLMODE: "verify-full" }), "disable, databaseUrl");
  assert.equal(decided("postgresql:///wallets", { PGHOST: "db.example" }), "verify-full, default");
  assert.equal(decided("postgresql:///wallets", {}), "disable, default");
});

test("an authority that the environment names is used where databaseUrl names none, and known as the environment's", () => {
  const environment = { PGSSLROOTCERT: "/env.crt" };
  const root = (url: string) => tlsOf(readDatabaseUrl(url), environment).rootCertificate;
  assert.deepEqual(root("postgresql://me@db.example/wallets"), {
    path: "/env.crt",
    named: "PGSSLROOTCERT in the environment",
  });
  assert.equal(root("postgresql://me@db.example/wallets?sslrootcert=/url.crt")?.path, "/url.crt");
  assert.equal(decided("postgresql://me@127.0.0.1/wallets", environment), "disable, default");
});

test("a value that nobody knows is refused, and not repeated", () => {
  for (const [parameter, ...says] of [
    ["sslmode=hidden", "sslmode", "verify-full"],
    ["sslmode=", "sslmode"],
    ["sslmode=Require", "sslmode"],
    ["ssl=hidden", "ssl", "true"],
    ["sslnegotiation=hidden", "sslnegotiation"],
    ["channel_binding=hidden", "channel_binding"],
    ["sslmode=disable&channel_binding=require", "channel_binding", "disable"],
  ] as const)
    assert.throws(
      () => decided(`postgresql://me@db.example/wallets?${parameter}`),
      ({ message }: Error) => says.every((words) => message.includes(words)) && !/hidden|Require\b/.test(message),
    );
  assert.throws(
    () => decided("postgresql://me@db.example/wallets", { PGSSLMODE: "hidden" }),
    ({ message }: Error) => /PGSSLMODE in the environment/.test(message) && !/hidden/.test(message),
  );
});
