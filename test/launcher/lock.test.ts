import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { withLock } from "../../launcher/lock.mjs";

const folder = mkdtempSync(join(tmpdir(), "wallet-vault-lock-"));
after(() => rmSync(folder, { recursive: true }));

test("ten that want a lock at once hold it one after the other", async () => {
  const lock = join(folder, "one");
  let inside = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, ++inside);
    await new Promise(setImmediate);
    inside--;
  };
  await Promise.all(Array.from({ length: 10 }, () => withLock(lock, work)));
  assert.deepEqual([most, existsSync(lock)], [1, false]);
});

test("a lock whose process is gone is taken over, and nothing of it stays", async () => {
  const lock = join(folder, "two");
  const { pid } = spawnSync(process.execPath, ["--version"]);
  mkdirSync(lock);
  writeFileSync(join(lock, "pid"), `${pid} 1\n`);
  const results = await Promise.all([1, 2, 3].map((result) => withLock(lock, () => result)));
  assert.deepEqual(results, [1, 2, 3]);
  assert.deepEqual(readdirSync(folder), []);
});

test("a lock whose process is gone is taken over, also when another one has its pid now", async () => {
  const lock = join(folder, "again");
  mkdirSync(lock);
  // As after the restart of a container: this process has the pid of the one that held the lock.
  writeFileSync(join(lock, "pid"), `${process.pid} 1\n`);
  assert.equal(await withLock(lock, () => "done"), "done");
  assert.deepEqual(readdirSync(folder), []);
});

test("a lock is waited for while its process lives", async () => {
  const lock = join(folder, "held");
  const holding = spawn(process.execPath, ["--input-type=module", "--eval", holder(lock)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(holding.stdout, "data");
  const order: string[] = [];
  const waiting = withLock(
    lock,
    () => order.push("taken"),
    () => {
      order.push("waited");
      holding.stdin.end();
    },
  );
  await waiting;
  assert.deepEqual(order, ["waited", "taken"]);
});

/** Holds the lock until its standard input ends. */
const holder = (lock: string): string => `
  import { withLock } from ${JSON.stringify(join(__dirname, "..", "..", "launcher", "lock.mjs"))};
  await withLock(${JSON.stringify(lock)}, async () => {
    console.log("held");
    for await (const _ of process.stdin);
  });`;

test("a lock is given back when the work fails, and the failure comes through", async () => {
  const lock = join(folder, "three");
  const failing = withLock(lock, () => Promise.reject(new Error("on purpose")));
  await assert.rejects(failing, /on purpose/);
  assert.equal(existsSync(lock), false);
});
