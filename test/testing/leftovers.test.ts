import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { forTypeScript } from "../../launcher/project-folder";
import { deleteFolder } from "../../testing/cleanup";
import { stopPostmaster } from "../../testing/postgres/postmaster";
import { running } from "../../testing/processes";

const serverModule = join(__dirname, "..", "..", "testing", "postgres-server");

/** Starts a server in another process, which then does `ending`. Resolves with what was left when it had ended. */
async function leftBy(ending: string, whenUp?: NodeJS.Signals) {
  const program = `
    const { PostgresServer } = require(${JSON.stringify(serverModule)});
    PostgresServer.start().then((server) => {
      console.log(JSON.stringify([server.pid, server.folder]));
      ${ending};
    });`;
  const child = spawn(process.execPath, [...forTypeScript, "--eval", program], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = once(child, "exit");
  for await (const line of createInterface(child.stdout)) {
    const [pid, folder] = JSON.parse(line) as [number, string];
    if (whenUp !== undefined) child.kill(whenUp);
    const [code, signal] = (await ended) as [number | null, NodeJS.Signals | null];
    return { pid, folder, code, signal, runs: running([pid]).length > 0, folderExists: existsSync(folder) };
  }
  throw new Error("The process ended before its server was up.");
}

for (const [title, ending, whenUp] of [
  ["returns", "", undefined],
  ["calls process.exit", "process.exit(3)", undefined],
  ["throws", "throw new Error('on purpose')", undefined],
  ["is interrupted", "setInterval(() => {}, 1000)", "SIGINT"],
  ["is terminated", "setInterval(() => {}, 1000)", "SIGTERM"],
] as const)
  test(`a process that ${title} leaves no server and no folder behind`, async () => {
    const left = await leftBy(ending, whenUp);
    assert.deepEqual([left.runs, left.folderExists], [false, false]);
    assert.equal(left.signal, whenUp ?? null);
  });

test("a server that is kept outlives its process", async (t) => {
  const left = await leftBy("server.keep()");
  t.after(async () => {
    await stopPostmaster(left.pid, "immediate");
    deleteFolder(left.folder);
  });
  assert.deepEqual([left.runs, left.folderExists, left.code], [true, true, 0]);
});
