import assert from "node:assert/strict";
import { test } from "node:test";
import { withClient } from "../../components/postgres/connection";
import { deleteView } from "../../components/view/drop";
import { requirePlace } from "../../components/view/preconditions";
import type { ViewSpec } from "../../components/view/spec";
import { testedMajors } from "../support/database";
import { items, make, type Place, shows, silent, withPlace } from "./place";

const watched = { ...items, schema: "watch", schemaMayBeMissing: true };

/** A schema that was there before, and a reader that may create in it but not enter it by way of PUBLIC. */
async function schema(place: Place, owner: string): Promise<string> {
  const reader = place.role("reader");
  await place.query(`create role ${reader} login password 'x'; create schema watch authorization ${owner};
    grant create on schema watch to ${reader}`);
  return reader;
}

async function held(place: Place, reader: string): Promise<string[]> {
  const rows = await place.query<{ privilege: string }>(
    `select acl.privilege_type as privilege from pg_namespace n, aclexplode(n.nspacl) acl
      where n.nspname = 'watch' and acl.grantee = $1::regrole order by 1`,
    [reader],
  );
  return rows.map((row) => row.privilege);
}

/** What a preview says. */
async function said(place: Place, spec: ViewSpec): Promise<string[]> {
  const lines: string[] = [];
  await withClient(place.deployerUrl, { purpose: "a preview", readOnly: true }, (client) =>
    requirePlace(client, spec, "preview", (line) => lines.push(line)),
  );
  return lines;
}

for (const major of testedMajors) {
  test(`PostgreSQL ${major}: readers are let into the views' own schema, and keep what else they hold on it`, () =>
    withPlace(major, async (place) => {
      const reader = await schema(place, place.role("deployer"));
      const spec = { ...watched, readers: [reader] };
      const state = await make(place, spec);
      assert.deepEqual(await held(place, reader), ["CREATE", "USAGE"]);
      const session = await place.session(place.as(reader));
      assert.equal((await session.query("select * from watch.labels")).rowCount, 2);
      assert.equal(await shows(place, state, spec), false);

      await place.query(`revoke usage on schema watch from ${reader}`);
      assert.equal(await shows(place, state, spec), true);
      assert.deepEqual(await make(place, spec, state), state);
      assert.deepEqual(await held(place, reader), ["CREATE", "USAGE"]);

      await deleteView(place.deployerUrl, state, silent);
      assert.deepEqual(await held(place, reader), ["CREATE", "USAGE"]);
    }));

  test(`PostgreSQL ${major}: on a schema of somebody else nothing is granted, and preview says who cannot enter`, () =>
    withPlace(major, async (place) => {
      const deployer = place.role("deployer");
      const reader = await schema(place, "postgres");
      await place.query(`grant usage, create on schema watch to ${deployer}`);
      // Neither where the connected role may not let them in, nor where the schema is not there for the views.
      for (const spec of [
        { ...watched, readers: [reader] },
        { ...watched, readers: [reader], schemaMayBeMissing: false },
      ]) {
        const state = await make(place, spec);
        assert.equal(await shows(place, state, spec), false);
        assert.deepEqual(await held(place, reader), ["CREATE"]);
        await place.query(`alter schema watch owner to ${deployer}`);
      }
    }));

  test(`PostgreSQL ${major}: preview says who cannot enter the schema, unless the same run lets them in`, () =>
    withPlace(major, async (place) => {
      const reader = await schema(place, place.role("deployer"));
      const spec = { ...watched, readers: [reader] };
      assert.deepEqual(await said(place, spec), []);
      const shutOut = new RegExp(`^${reader} cannot enter schema watch: grant usage on schema`);
      assert.match((await said(place, { ...spec, schemaMayBeMissing: false })).join(), shutOut);
      await place.query(`alter schema watch owner to postgres;
        grant create, usage on schema watch to ${place.role("deployer")}`);
      assert.match((await said(place, spec)).join(), shutOut);
    }));
}
