import { join } from "node:path";
import { forTypeScript, projectFolder } from "../launcher/project-folder";
import { runChild } from "../testing/child";
import type { Say, Stage } from "./stage";
import { readResult, type TransferTimes } from "./transfer-process";

/** Moves all keys of a database in a process of its own, as the provider does. Passes its progress on. */
export async function moveKeys(stage: Stage, database: string, say: Say): Promise<TransferTimes> {
  let moved: TransferTimes | undefined;
  await runChild(process.execPath, [...forTypeScript, join(__dirname, "transfer-process.ts")], {
    cwd: projectFolder,
    env: process.env,
    input: `${stage.server.url(database)}\n`,
    err: (line) => console.error(line),
    out: (line) => {
      moved = readResult(line) ?? moved;
      if (readResult(line) === undefined) say(line);
    },
  });
  if (moved === undefined) throw new Error("The transfer did not end; see above.");
  if (moved.status !== "complete") throw new Error(`The transfer ended with status ${moved.status}.`);
  if (moved.verified !== moved.credentials) throw new Error(`Only ${moved.verified} wallets were compared.`);
  return moved;
}

/** Says every five seconds that something is still going on. */
export async function withHeartbeat<T>(say: Say, what: string, work: Promise<T>): Promise<T> {
  const started = performance.now();
  const timer = setInterval(() => say(`${what}: ${Math.round((performance.now() - started) / 1000)} s`), 5_000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
