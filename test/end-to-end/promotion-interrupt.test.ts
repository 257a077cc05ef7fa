import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { forTypeScript, projectFolder } from "../../launcher/project-folder";
import { withDatabase } from "../support/database";
import { eventually } from "../support/eventually";
import { Child } from "../../testing/child";
import { PulumiSandbox } from "../../testing/pulumi-sandbox";

test("an interrupt lets the running update end, counts once, and starts no further stage", () =>
  withDatabase({ load: ["wallet-system", ["waiting", 12]], major: 14 }, async (database) => {
    const project = await PulumiSandbox.create();
    await project.stack("dev", { databaseUrl: database.url });
    await project.stack("staging", { databaseUrl: database.url, promotedFrom: "dev" });
    // Holds the update up until it was interrupted.
    const blocker = await database.session();
    await blocker.query("begin; lock table credential_vault_storage in share row exclusive mode");
    const runner = [...forTypeScript, join(projectFolder, "promotion", "promote.ts"), "dev", "staging", "--yes"];
    const run = new Child(process.execPath, runner, { cwd: project.folder, env: project.env });
    try {
      // What the provider reports comes through: the update is under way.
      await eventually(
        "the update is under way",
        () => run.stderr.match(/\[dev\] \[constraint\] waiting/) ?? undefined,
      );
      run.kill("SIGINT");
      await eventually("the interrupt is noticed", () => run.stderr.match(/^Interrupted: /m) ?? undefined);
      // Pulumi would take a second one as "stop at once" and leave its lock; it must not get there.
      run.kill("SIGINT");
      await eventually(
        "the update goes on",
        more(() => run.stderr, "[dev] [constraint] waiting"),
      );
      await blocker.query("rollback");

      const { code, stdout, stderr } = await run.ended;
      assert.equal(code, 1, stderr);
      assert.match(stdout, /dev +failed +Interrupted\. What was moved stays moved/);
      assert.match(stdout, /staging +skipped/);
      const again = await project.pulumi(["up", "--yes", "--skip-preview", "--stack", "dev"]);
      assert.equal(again.code, 0, "no lock is left, and it goes on where it ended");
    } finally {
      run.kill("SIGKILL");
      project.remove();
    }
  }));

/** Answers once the text has been written again. */
function more(text: () => string, what: string): () => true | undefined {
  const count = () => text().split(what).length;
  const before = count();
  return () => count() > before || undefined;
}
