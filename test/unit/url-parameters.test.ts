import assert from "node:assert/strict";
import { test } from "node:test";
import { readDatabaseUrl } from "../../components/postgres/connection-url";
import { WalletVaultError } from "../../components/postgres/errors";

/** The message of the refusal. */
function refusal(query: string): string {
  try {
    readDatabaseUrl(`postgresql://me:hidden@db.example/wallets?${query}`);
  } catch (error) {
    assert.ok(error instanceof WalletVaultError && error.code === "ERR_CONFIGURATION");
    assert.doesNotMatch(error.message, /hidden|secret/);
    return error.message;
  }
  throw new assert.AssertionError({ message: `${query} was taken` });
}

for (const [written, meant] of [
  ["sslMode", "sslmode"],
  ["ssl_mode", "sslmode"],
  ["SSLMODE", "sslmode"],
  ["ssl-root-cert", "sslrootcert"],
  ["sslRootCert", "sslrootcert"],
  ["channelBinding", "channel_binding"],
] as const)
  test(`${written} is told as what it was meant to be: ${meant}`, () => {
    assert.match(refusal(`${written}=secret`), new RegExp(`parameter ${written}, which is written ${meant}\\.`));
  });

test("a parameter that people know from elsewhere is told with why it is not taken", () => {
  for (const name of ["uselibpqcompat", "target_session_attrs", "pgbouncer", "dbname", "hostaddr"])
    assert.match(refusal(`${name}=secret`), new RegExp(`parameter ${name}, which is not taken`));
});

test("any other name may be a part of a password, and is not told", () => {
  for (const query of ["secret=1", "password=a&secret", "sslmode=require&secret", "=secret", "a&secret=b"])
    assert.match(refusal(query), /a parameter that is not known.*sslmode, sslrootcert/);
});

test("what is said twice may be read as either, and is refused", () => {
  assert.match(refusal("sslmode=verify-full&sslmode=disable"), /sslmode more than once/);
  assert.match(refusal("ssl=true&sslmode=disable"), /both ssl and sslmode/);
});

test("several hosts are refused, wherever they are named", () => {
  assert.match(refusal("host=one,two"), /several hosts/);
  process.env["PGHOST"] = "one,two";
  try {
    assert.throws(() => readDatabaseUrl("postgresql:///wallets"), /several hosts/);
  } finally {
    delete process.env["PGHOST"];
  }
});

test("a port that is none, or several, is refused and not guessed, wherever it is named", () => {
  for (const port of ["5433,5434", "5433x", "hidden", "0", "-1", "1e3", "123456", "%2054"])
    assert.match(refusal(`port=${port}`), /port that is no number/);
  process.env["PGPORT"] = "5433,5434";
  try {
    assert.throws(() => readDatabaseUrl("postgresql://db.example/wallets"), /PGPORT.*several ports/);
    readDatabaseUrl("postgresql://db.example:5432/wallets");
  } finally {
    delete process.env["PGPORT"];
  }
});

test("what providers write into the URLs that they hand out is taken", () => {
  for (const query of [
    "sslmode=require&channel_binding=require",
    "sslmode=require&options=endpoint%3Dep-1",
    "sslmode=verify-full&sslrootcert=/ca.crt&application_name=x&connect_timeout=10",
    "host=/run/postgresql&port=5433&user=me&password=secret",
    "",
  ])
    readDatabaseUrl(`postgresql://me:hidden@db.example/wallets?${query}`);
});
