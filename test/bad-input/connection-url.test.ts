import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { providerArguments } from "../../components/monitoring/provider-arguments";
import { serverAccount, temporaryFolder } from "../../testing/postgres/account";
import { freePort } from "../../testing/postgres/port";
import { server, withDatabase } from "../support/database";
import { assertRefusedAt } from "../support/refused";

const secret = "s3cr3t-p4ssw0rd";

for (const text of [
  "",
  "wallets",
  "http://127.0.0.1/x",
  `host=127.0.0.1 password=${secret}`,
  `mysql://me:${secret}@h/x`,
]) {
  test(`${JSON.stringify(text.replace(secret, "…"))} is no PostgreSQL URL, which is told without repeating it`, async () => {
    await assertRefusedAt(text, { code: "ERR_CONFIGURATION", says: ["databaseUrl"], hides: [secret] });
  });
}

/** Passwords that are cut where one of their characters ends the host, and what a reader would take for port or path. */
for (const [password, ...parts] of [
  ["/Xy7hidden+w", "Xy7hidden"],
  ["4711/hidden", "4711", "hidden"],
  ["4711/hid/den", "4711", "hid", "den"],
  ["4711#hidden", "4711", "hidden"],
  ["4711?hidden", "4711", "hidden"],
  ["47@11/hidden", "hidden", "11/"],
  ["47@11?hidden", "hidden", "11?"],
  ["#hidden", "hidden"],
  ["?hidden", "hidden"],
  ["4711/%68idden", "4711", "idden"],
  ["hidden%", "hidden"],
  ["hidden%zz", "hidden"],
  ["hidden%E9", "hidden"],
] as const) {
  test(`the password ${password}, not percent-encoded, is refused and no part of it told`, async () => {
    const url = `postgresql://postgres:${password}@127.0.0.1:1/wallets`;
    await assertRefusedAt(url, { code: "ERR_CONFIGURATION", says: ["databaseUrl", "%2F"], hides: [...parts] });
    assert.throws(
      () => providerArguments(url),
      ({ message }: Error) => parts.every((part) => !message.includes(part)) && message.includes("ERR_CONFIGURATION"),
    );
  });
}

for (const text of [
  "postgresql://postgres%3Ahidden%40127.0.0.1/wallets",
  "postgresql:postgres:hidden@127.0.0.1/wallets",
  "postgresql:/hidden",
  "postgresql:hidden",
  "postgresql://127.0.0.1:1/wallets/hidden",
  "postgresql://127.0.0.1:1/wallets#hidden",
  "postgresql://127.0.0.1:1/%hidden",
  "postgresql://127.0.0.1:1/wallets?options=%hidden",
  "postgresql://127.0.0.1:1/wallets?sslnegotiation=hidden",
]) {
  test(`${text} is refused without being repeated`, async () => {
    await assertRefusedAt(text, { code: "ERR_CONFIGURATION", says: ["databaseUrl"], hides: ["hidden"] });
  });
}

test("what has a default may be left out, and a socket's folder be the host: the error names where it went", async () => {
  const folder = temporaryFolder(serverAccount());
  const port = await freePort();
  const encoded = encodeURIComponent(folder);
  try {
    for (const [url, place] of [
      [`postgresql:///wallets?host=${folder}&port=${port}`, `${folder}:${port}, database "wallets"`],
      [`postgresql://${encoded}:${port}/wallets`, `${folder}:${port}, database "wallets"`],
      [`postgres://127.0.0.1:${port}/a%40b%2Fc%25`, `127.0.0.1:${port}, database "a@b/c%"`],
      [`postgresql://me@[::1]:${port}/wallets`, `[::1]:${port}, database "wallets"`],
      [`postgresql://me@127.0.0.1:${port}`, `127.0.0.1:${port}, database "me"`],
    ] as const)
      await assertRefusedAt(url, { code: "ERR_CONNECTION", says: [place, "cannot be reached"] });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a database whose name has to be percent-encoded is reached", async () => {
  const host = await server();
  await withDatabase({}, async ({ query }) => {
    const name = `a@b:c/d%e ${process.pid}`;
    await query(`create database "${name}"`);
    try {
      await assertRefusedAt(host.url(name), { code: "ERR_TABLE_MISSING", says: ["project_credentials"] });
    } finally {
      await query(`drop database "${name}" with (force)`);
    }
  });
});
