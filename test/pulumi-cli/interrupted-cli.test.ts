import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { projectFolder } from "../../launcher/project-folder";
import { Child } from "../../testing/child";
import { eventually } from "../support/eventually";

const folder = mkdtempSync(join(tmpdir(), "wallet-vault-interrupted-"));
after(() => rmSync(folder, { recursive: true }));

/** Stands in for the Pulumi CLI: tells of the user's PostgreSQL settings, of each signal, and a moment after the first one ends as `ending` says. */
function standIn(name: string, ending: string): string {
  const bin = join(folder, name);
  mkdirSync(bin);
  writeFileSync(join(bin, "pulumi-language-nodejs"), "#!/bin/sh\n", { mode: 0o755 });
  const source = `#!${process.execPath}
    if (process.argv[2] === "version") { console.log("v3.230.0"); return; }
    let ends;
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"])
      process.on(name, () => { console.log(name); ends ??= setTimeout(() => { ${ending}; }, 300); });
    setInterval(() => {}, 1000);
    console.log("ready", process.env.PGSSLMODE);`;
  writeFileSync(join(bin, "pulumi"), source, { mode: 0o755 });
  return bin;
}

/** Runs `npm run pulumi` in a group of its own and does `interrupt` when the CLI is at work. */
async function interrupted(bin: string, stopFile: string, interrupt: (group: number) => void) {
  const { WALLET_VAULT_IGNORE_PATH_PULUMI: _, ...env } = process.env;
  const run = new Child("npm", ["run", "--silent", "pulumi", "--", "up"], {
    cwd: projectFolder,
    env: { ...env, PATH: `${bin}:${env["PATH"]}`, WALLET_VAULT_STOP_FILE: stopFile, PGSSLMODE: "require" },
  });
  await eventually("the CLI is at work", () => run.stdout.includes("ready") || undefined, run.ended);
  interrupt(run.pid);
  return run.ended;
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  test(`without a terminal, ${signal} to the whole process group reaches the CLI once`, async () => {
    const bin = standIn(`group-${signal}`, "process.exit(5)");
    const { stdout } = await interrupted(bin, join(folder, signal), (group) => process.kill(-group, signal));
    assert.equal(stdout, `ready require\n${signal}\n`);
  });

test("the request to stop does not outlive a CLI that a signal ends", async () => {
  const stopFile = join(folder, "stop");
  const wasThere = `console.log(String(require("node:fs").existsSync(${JSON.stringify(stopFile)})))`;
  const bin = standIn("killed", `${wasThere}; process.kill(process.pid, "SIGKILL")`);
  const { stdout } = await interrupted(bin, stopFile, (group) => process.kill(-group, "SIGTERM"));
  assert.deepEqual([stdout, existsSync(stopFile)], ["ready require\nSIGTERM\ntrue\n", false]);
});

test("where the request to stop cannot be written, that is said, and the signal is passed on all the same", async () => {
  const bin = standIn("unwritable", "process.exit(5)");
  const nowhere = join(folder, "no such folder", "stop");
  const { stdout, stderr } = await interrupted(bin, nowhere, (group) => process.kill(-group, "SIGINT"));
  assert.equal(stdout, "ready require\nSIGINT\n");
  assert.match(stderr, /^A transfer that is running cannot be told to stop, .*ENOENT/m);
});
