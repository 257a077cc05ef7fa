import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, test } from "node:test";
import { projectFolder } from "../../tools/engine/release";
import { running } from "../../tools/postgres/processes";
import { eventually } from "../support/eventually";

const folder = mkdtempSync(join(tmpdir(), "wallet-vault-runner-"));
after(() => rmSync(folder, { recursive: true }));

const tool = (name: string) => JSON.stringify(join(projectFolder, "tools", name));

test("the test runner, ended by a signal to itself alone, leaves no server and no folder of its tests behind", async () => {
  const [runner, file, note] = ["runner.ts", "endless.test.ts", "note"].map((name) => join(folder, name));
  assert.ok(runner !== undefined && file !== undefined && note !== undefined);
  writeFileSync(
    runner,
    `require(${tool("testing/run-files")}).runFiles([${JSON.stringify(relative(projectFolder, file))}]);`,
  );
  writeFileSync(
    file,
    `const { PostgresServer } = require(${tool("postgres-server")});
     const { renameSync, writeFileSync } = require("node:fs");
     require("node:test").test("endless", async () => {
       const server = await PostgresServer.start();
       writeFileSync(${JSON.stringify(`${note}.new`)}, JSON.stringify([server.pid, server.folder]));
       renameSync(${JSON.stringify(`${note}.new`)}, ${JSON.stringify(note)});
       // Something to report all the while: a runner that is gone is noticed by that.
       await new Promise(() => setInterval(() => console.log("still here"), 10));
     });`,
  );
  // Inside a test, node:test would otherwise take the runner for a test file and run nothing.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(process.execPath, ["--import", "tsx", runner], { cwd: projectFolder, env, stdio: "ignore" });
  const ended = once(child, "exit");
  await eventually("the test has a server", () => existsSync(note) || undefined, ended);
  const [pid, data] = JSON.parse(readFileSync(note, "utf8")) as [number, string];
  assert.deepEqual([running([pid]).length, existsSync(data)], [1, true]);
  child.kill("SIGTERM");
  const [, signal] = (await ended) as [number | null, NodeJS.Signals | null];
  assert.deepEqual([signal, running([pid]), existsSync(data)], ["SIGTERM", [], false]);
});
