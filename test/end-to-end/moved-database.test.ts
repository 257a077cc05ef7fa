import assert from "node:assert/strict";
import { test } from "node:test";
import { server, withDatabase, type Database } from "../support/database";
import { assertNoStack, type Deployment, printed, stackName, withDeployment } from "./stack";

const content = { load: ["wallet-system", ["waiting", 3]] } as const;

const views = async ({ query }: Database): Promise<number> =>
  (await query("select from pg_views where schemaname = 'public'")).length;

const configure = ({ project }: Deployment, url: string) =>
  project.pulumi(["config", "set", "databaseUrl", "--secret", url, "--stack", stackName]);

async function assertRefused(deployment: Deployment, ...command: [string, ...string[]]): Promise<void> {
  const finished = await deployment.run(...command);
  assert.notEqual(finished.code, 0);
  assert.match(printed(finished), /databaseUrl was changed since the last update.*--run-program.*ERR_CONFIGURATION/);
  assertNoStack(printed(finished));
}

// Pulumi configures providers from the state for these commands: with the connection of the last update.
test("after a move, nothing is read or dropped in the old database, and with the program all happens in the new one", () =>
  withDeployment(content, {}, async (deployment) => {
    const { database: old, project, must } = deployment;
    await must("up");
    await must("refresh");
    await withDatabase(content, async (moved) => {
      await configure(deployment, moved.url);
      const commands: [string, ...string[]][] = [["refresh"], ["preview", "--refresh"], ["destroy"]];
      for (const command of commands) await assertRefused(deployment, ...command);
      assert.deepEqual([await views(old), await views(moved)], [2, 0]);
      // The transfer goes first, and is not forgotten where the rest stays.
      const { stdout } = await project.pulumi(["stack", "export", "--stack", stackName]);
      assert.match(stdout, /wallet-vault:KeyTransfer::transfer/);

      assert.match(await must("preview", "--refresh", "--run-program"), /create/);
      await must("up");
      assert.deepEqual([await views(old), await views(moved)], [2, 2]);
      await must("preview", "--refresh", "--expect-no-changes");

      await configure(deployment, old.url);
      await must("destroy", "--run-program");
      assert.deepEqual([await views(old), await views(moved)], [0, 2]);
    });
  }));

test("after a new password, refresh and destroy say what to do, and work with the program", () =>
  withDeployment(content, {}, async (deployment) => {
    const { database, must } = deployment;
    const role = `rotated_${process.pid}`;
    await database.query(`create role ${role} superuser login password 'old'`);
    try {
      await configure(deployment, (await server()).url(database.name, role, "old"));
      await must("up");
      await database.query(`alter role ${role} password 'new'`);
      await configure(deployment, (await server()).url(database.name, role, "new"));
      await assertRefused(deployment, "refresh");
      await assertRefused(deployment, "destroy");
      await must("refresh", "--run-program");
      await must("destroy", "--run-program");
      assert.equal(await views(database), 0);
    } finally {
      await database.query(`reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`);
    }
  }));

test("what a strict stack or a gate would refuse to deploy can be refreshed and destroyed", () =>
  withDeployment({ load: ["wallet-system", ["mixed", 30]] }, { strict: true }, async (deployment) => {
    const { database, must, project, run } = deployment;
    assert.match(printed(await run("up")), /ERR_ATTENTION/);
    await must("refresh", "--run-program");
    await project.pulumi(["config", "set", "promotedFrom", "nowhere", "--stack", stackName]);
    assert.match(printed(await run("preview")), /ERR_NOT_PROVEN/);
    await must("destroy", "--run-program");
    assert.equal(await views(database), 0);
  }));

test("a password that is refused before anything is destroyed leaves the stack whole", () =>
  withDeployment(content, {}, async (deployment) => {
    const { database, project, must, run } = deployment;
    const role = `locked_out_${process.pid}`;
    await database.query(`create role ${role} superuser login password 'x'`);
    try {
      await configure(deployment, (await server()).url(database.name, role, "x"));
      await must("up");
      await database.query(`alter role ${role} nologin`);
      const finished = await run("destroy");
      assert.notEqual(finished.code, 0);
      assert.match(printed(finished), /ERR_AUTHENTICATION/);
      const { stdout } = await project.pulumi(["stack", "export", "--stack", stackName]);
      assert.match(stdout, /wallet-vault:KeyTransfer::transfer/);
      assert.equal(await views(database), 2);
    } finally {
      await database.query(`reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`);
    }
  }));
