import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { after, test } from "node:test";
import { forTypeScript, projectFolder } from "../../launcher/project-folder";
import { running } from "../../testing/processes";
import { eventually } from "../support/eventually";
import { runChild } from "../../testing/child";

const folder = mkdtempSync(join(tmpdir(), "wallet-vault-runner-"));
after(() => rmSync(folder, { recursive: true }));

const tool = (name: string) => JSON.stringify(join(projectFolder, "testing", name));

/** A test file that starts a server, notes it, and hangs; and a program that lets the runner run it. */
function endless(name: string, options = ""): { readonly runner: string; readonly note: string } {
  const [runner, file, note] = ["runner.ts", "endless.test.ts", "note"].map((part) => join(folder, `${name}-${part}`));
  assert.ok(runner !== undefined && file !== undefined && note !== undefined);
  writeFileSync(
    runner,
    `require(${tool("runner/run-files")}).runFiles([${JSON.stringify(relative(projectFolder, file))}]${options})
       .then((counts) => console.log(JSON.stringify(counts)));`,
  );
  writeFileSync(
    file,
    `const { PostgresServer } = require(${tool("postgres-server")});
     const { renameSync, writeFileSync } = require("node:fs");
     require("node:test").test("endless", async () => {
       const server = await PostgresServer.start();
       const noted = [server.pid, server.folder, process.env.WALLET_VAULT_CLUSTER_TEMPLATES];
       writeFileSync(${JSON.stringify(`${note}.new`)}, JSON.stringify(noted));
       renameSync(${JSON.stringify(`${note}.new`)}, ${JSON.stringify(note)});
       // Something to report all the while: a runner that is gone is noticed by that.
       await new Promise(() => setInterval(() => console.log("still here"), 10));
     });`,
  );
  return { runner, note };
}

// Inside a test, node:test would otherwise take the runner for a test file and run nothing.
const { NODE_TEST_CONTEXT: _, ...env } = process.env;
const noted = (note: string) =>
  JSON.parse(readFileSync(note, "utf8")) as [pid: number, data: string, templates: string];

test("the test runner, ended by a signal to itself alone, leaves no server and no folder of its tests behind", async () => {
  const { runner, note } = endless("ended");
  const child = spawn(process.execPath, [...forTypeScript, runner], { cwd: projectFolder, env, stdio: "ignore" });
  const ended = once(child, "exit");
  await eventually("the test has a server", () => existsSync(note) || undefined, ended);
  const [pid, data, templates] = noted(note);
  assert.deepEqual([running([pid]).length, existsSync(data), existsSync(join(templates, "18"))], [1, true, true]);
  child.kill("SIGTERM");
  const [, signal] = (await ended) as [number | null, NodeJS.Signals | null];
  assert.deepEqual([signal, running([pid]), existsSync(data), existsSync(templates)], ["SIGTERM", [], false, false]);
});

test("a test file that hangs is ended with its server, and counts as failed", async () => {
  const { runner, note } = endless("hanging", ", 5_000");
  const { stdout } = await runChild(process.execPath, [...forTypeScript, runner], { cwd: projectFolder, env: env });
  assert.match(stdout, /timed out after 5000ms/);
  assert.match(stdout, /"passed":0,"failed":[1-9]/);
  // Where the machine is slow, it had none yet.
  if (existsSync(note)) assert.deepEqual([running([noted(note)[0]]), existsSync(noted(note)[1])], [[], false]);
});
