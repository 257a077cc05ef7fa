import assert from "node:assert/strict";
import { test } from "node:test";
import { withClient } from "../../components/postgres/connection";
import { deleteView } from "../../components/view/delete";
import { requirePreconditions } from "../../components/view/preconditions";
import type { ViewInputs } from "../../components/view/args";
import { testedMajors } from "../support/database";
import { items, make, shows, silent, type ViewSandbox, withViewSandbox } from "./view-sandbox";

const watched = { ...items, schema: "watch", schemaMayBeMissing: true };

/** A schema that was there before, and a reader that may create in it but not enter it by way of PUBLIC. */
async function schema(sandbox: ViewSandbox, owner: string): Promise<string> {
  const reader = sandbox.role("reader");
  await sandbox.query(`create role ${reader} login password 'x'; create schema watch authorization ${owner};
    grant create on schema watch to ${reader}`);
  return reader;
}

async function held(sandbox: ViewSandbox, reader: string): Promise<string[]> {
  const rows = await sandbox.query<{ privilege: string }>(
    `select acl.privilege_type as privilege from pg_namespace n, aclexplode(n.nspacl) acl
      where n.nspname = 'watch' and acl.grantee = $1::regrole order by 1`,
    [reader],
  );
  return rows.map((row) => row.privilege);
}

/** What a preview says. */
async function said(sandbox: ViewSandbox, inputs: ViewInputs): Promise<string[]> {
  const lines: string[] = [];
  await withClient(sandbox.deployerUrl, { purpose: "a preview", readOnly: true }, (client) =>
    requirePreconditions(client, inputs, "preview", (line) => lines.push(line)),
  );
  return lines;
}

for (const major of testedMajors) {
  test(`readers are let into the views' own schema, and keep what else they hold on it (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const reader = await schema(sandbox, sandbox.role("deployer"));
      const spec = { ...watched, readers: [reader] };
      const state = await make(sandbox, spec);
      assert.deepEqual(await held(sandbox, reader), ["CREATE", "USAGE"]);
      const session = await sandbox.session(sandbox.as(reader));
      assert.equal((await session.query("select * from watch.labels")).rowCount, 2);
      assert.equal(await shows(sandbox, state, spec), false);

      await sandbox.query(`revoke usage on schema watch from ${reader}`);
      assert.equal(await shows(sandbox, state, spec), true);
      assert.deepEqual(await make(sandbox, spec, state), state);
      assert.deepEqual(await held(sandbox, reader), ["CREATE", "USAGE"]);

      await deleteView(sandbox.deployerUrl, state, silent);
      assert.deepEqual(await held(sandbox, reader), ["CREATE", "USAGE"]);
    }));

  test(`on a schema of somebody else nothing is granted, and preview says who cannot enter (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const deployer = sandbox.role("deployer");
      const reader = await schema(sandbox, "postgres");
      await sandbox.query(`grant usage, create on schema watch to ${deployer}`);
      // Neither where the connected role may not let them in, nor where the schema is not there for the views.
      for (const spec of [
        { ...watched, readers: [reader] },
        { ...watched, readers: [reader], schemaMayBeMissing: false },
      ]) {
        const state = await make(sandbox, spec);
        assert.equal(await shows(sandbox, state, spec), false);
        assert.deepEqual(await held(sandbox, reader), ["CREATE"]);
        await sandbox.query(`alter schema watch owner to ${deployer}`);
      }
    }));

  test(`preview says who cannot enter the schema, unless the same run lets them in (PostgreSQL ${major})`, () =>
    withViewSandbox(major, async (sandbox) => {
      const reader = await schema(sandbox, sandbox.role("deployer"));
      const spec = { ...watched, readers: [reader] };
      assert.deepEqual(await said(sandbox, spec), []);
      const shutOut = new RegExp(`^${reader} cannot enter schema watch: grant usage on schema`);
      assert.match((await said(sandbox, { ...spec, schemaMayBeMissing: false })).join(), shutOut);
      await sandbox.query(`alter schema watch owner to postgres;
        grant create, usage on schema watch to ${sandbox.role("deployer")}`);
      assert.match((await said(sandbox, spec)).join(), shutOut);
    }));
}
