import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { forTypeScript, projectFolder } from "../../launcher/project-folder";
import { withDatabase } from "../support/database";
import { eventually } from "../support/eventually";
import { Child } from "../../testing/child";
import { PulumiSandbox } from "../../testing/pulumi-sandbox";
import { printed } from "./stack";

/** Holds every insert into the vault up while somebody has the advisory lock 1. */
const gate = `
  create function wait_at_gate() returns trigger language plpgsql as $$
  begin perform pg_advisory_xact_lock_shared(1); return new; end $$;
  create trigger gate before insert on credential_vault_storage for each row execute function wait_at_gate()`;

test("the first interrupt of npm run pulumi ends a transfer after its batch, and the next up goes on", () =>
  withDatabase({ load: ["wallet-system", ["waiting", 6000]], sql: gate }, async (database) => {
    const project = await PulumiSandbox.create();
    const stopFile = join(project.folder, "stop");
    try {
      await project.stack("test", { databaseUrl: database.url });
      await database.query("select pg_advisory_lock(1)");
      const up = ["up", "--yes", "--skip-preview", "--stack", "test", "--non-interactive", "--cwd", project.folder];
      const program = [...forTypeScript, join(projectFolder, "pulumi-cli", "pulumi.ts"), ...up];
      const env = { ...project.env, WALLET_VAULT_STOP_FILE: stopFile };
      const run = new Child(process.execPath, program, { cwd: projectFolder, env });
      await eventually("a batch waits at the gate", async () => {
        assert.ok(run.runs, printed(run));
        const [waiting] = await database.query("select from pg_locks where locktype = 'advisory' and not granted");
        return waiting;
      });
      run.kill("SIGINT");
      await eventually("the request to stop is written", () => existsSync(stopFile) || undefined);
      await database.query("select pg_advisory_unlock(1)");
      const ended = await run.ended;
      const output = printed(ended);
      assert.notEqual(ended.code, 0, "an interrupted update is no success");
      assert.match(output, /asked to stop/);

      // Pulumi gives a cancelled update no outputs; what the transfer did is in the state, and on the screen.
      const { status, summary } = await transferInState(project);
      const [vault] = await database.query<{ n: number }>("select count(*)::int as n from credential_vault_storage");
      assert.ok(vault !== undefined && vault.n > 0 && vault.n < 6000, `${vault?.n} keys were moved`);
      assert.deepEqual(
        [status, summary.states.stored, summary.states.pending, summary.lastRun.transferred],
        ["incomplete", vault.n, 6000 - vault.n, vault.n],
      );
      const numbers = `${vault.n.toLocaleString("en-US")} keys moved, ${(6000 - vault.n).toLocaleString("en-US")} pending`;
      assert.ok(output.includes(numbers), output);
      assert.ok(!existsSync(stopFile), "the request ends with the command");
      const again = await project.pulumi(["up", "--yes", "--skip-preview", "--stack", "test"]);
      assert.equal(again.code, 0, again.stdout);
      assert.equal(((await project.outputs("test")) as unknown as Results).status, "complete");
    } finally {
      await database.query("select pg_advisory_unlock_all()");
      project.remove();
    }
  }));

interface Results {
  readonly status: string;
  readonly summary: {
    readonly states: { readonly stored: number; readonly pending: number };
    readonly lastRun: { readonly transferred: number };
  };
}

async function transferInState(project: PulumiSandbox): Promise<Results> {
  const { stdout } = await project.pulumi(["stack", "export", "--stack", "test"]);
  const { resources } = JSON.parse(stdout).deployment as { resources: { type: string; outputs?: unknown }[] };
  return resources.find(({ type }) => type.endsWith("wallet-vault:KeyTransfer"))?.outputs as Results;
}
