import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { projectFolder } from "../../pulumi-cli/release";
import { withDatabase } from "../support/database";
import { eventually } from "../support/eventually";
import { temporaryProject } from "../../testing/temporary-project";

test("an interrupt lets the running update end, counts once, and starts no further stage", () =>
  withDatabase({ load: ["wallet-system", ["waiting", 12]], major: 14 }, async (database) => {
    const project = await temporaryProject();
    await project.stack("dev", { databaseUrl: database.url });
    await project.stack("staging", { databaseUrl: database.url, promotedFrom: "dev" });
    // Holds the update up until it was interrupted.
    const blocker = await database.session();
    await blocker.query("begin; lock table credential_vault_storage in share row exclusive mode");
    const runner = ["--import", "tsx", join(projectFolder, "promotion", "promote.ts"), "dev", "staging", "--yes"];
    const child = spawn(process.execPath, runner, {
      cwd: project.folder,
      env: project.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    try {
      let [stdout, stderr] = ["", ""];
      child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
      child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
      const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
      // What the provider reports comes through: the update is under way.
      await eventually("the update is under way", () => stderr.match(/\[dev\] \[constraint\] waiting/) ?? undefined);
      child.kill("SIGINT");
      await eventually("the interrupt is noticed", () => stderr.match(/^Interrupted: /m) ?? undefined);
      // Pulumi would take a second one as "stop at once" and leave its lock; it must not get there.
      child.kill("SIGINT");
      await eventually(
        "the update goes on",
        more(() => stderr, "[dev] [constraint] waiting"),
      );
      await blocker.query("rollback");

      assert.equal(await ended, 1, stderr);
      assert.match(stdout, /dev +failed +Interrupted\. What was moved stays moved/);
      assert.match(stdout, /staging +skipped/);
      const { code } = await project.pulumi(["up", "--yes", "--skip-preview", "--stack", "dev"]);
      assert.equal(code, 0, "no lock is left, and it goes on where it ended");
    } finally {
      child.kill("SIGKILL");
      project.remove();
    }
  }));

/** Answers once the text has been written again. */
function more(text: () => string, what: string): () => true | undefined {
  const count = () => text().split(what).length;
  const before = count();
  return () => count() > before || undefined;
}
