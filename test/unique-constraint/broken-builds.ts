import assert from "node:assert/strict";
import type { Client } from "pg";
import { sqlstateOf } from "../../components/postgres/errors";
import type { Database } from "../support/database";
import { builderIn, oldSnapshot, vault } from "./support";

/** SQL of the build that some other tool would run. */
export const build = (name: string) => `create unique index concurrently ${name} on ${vault} (credential_id)`;
/** Starts a build as some other tool would, in a session that nobody listens to; resolves to its SQLSTATE or undefined. */
export async function startBuild(
  database: Database,
  name: string,
): Promise<{ session: Client; ended: Promise<string | undefined> }> {
  const session = await database.session();
  const ended = session.query(build(name)).then(
    () => undefined,
    (error: unknown) => sqlstateOf(error) ?? "lost",
  );
  return { session, ended };
}

/** An INVALID index of the kind that a build leaves which was cancelled while it waited for an old snapshot. */
export async function cancelledBuild(database: Database, name: string): Promise<void> {
  const old = await oldSnapshot(database, "an old report");
  const { ended } = await startBuild(database, name);
  const pid = await builderIn(database, "waiting for old snapshots");
  await database.query("select pg_cancel_backend($1)", [pid]);
  assert.equal(await ended, "57014");
  await old.end();
}

export const stateOf = async (database: Database, name: string): Promise<unknown> =>
  (
    await database.query(
      `select indisvalid as valid, indisready as ready, indislive as live from pg_index where indexrelid = to_regclass('${name}')`,
    )
  )[0];
