import { difference } from "../../components/view/difference";
import { ensureView } from "../../components/view/ensure";
import { refreshed } from "../../components/view/refresh";
import type { ViewSpec, ViewState } from "../../components/view/spec";
import type { Major } from "../../tools/postgres-server";
import { type Database, withDatabase } from "../support/database";

/** A database with a schema, a table of three rows, and a role that owns both and is no superuser. */
export interface Place extends Database {
  /** Connects as `deployer`. */
  readonly deployerUrl: string;
  /** A role's name in this database: roles belong to the server, so each test has its own. */
  role(name: string): string;
  /** The URL as a role made by `login`. */
  as(role: string): string;
}

export function withPlace(major: Major, use: (place: Place) => Promise<void>): Promise<void> {
  return withDatabase({ major, load: [] }, async (database) => {
    const role = (name: string) => `${name}_${database.name}`;
    const as = (name: string) => {
      const url = new URL(database.url);
      url.username = name;
      url.password = "x";
      return url.toString();
    };
    const deployer = role("deployer");
    await database.query(`
      create role ${deployer} login password 'x';
      create schema app authorization ${deployer};
      set role ${deployer};
      create table app.items (id int primary key, label text, hidden text);
      insert into app.items values (1, 'a', 'x'), (2, 'b', 'y'), (3, 'b', 'z');
      reset role`);
    await use({ ...database, role, as, deployerUrl: as(deployer) });
    await database.query(`drop owned by ${deployer} cascade`);
  });
}

/** A role that may log in and enter the schema. */
export async function login(place: Place, name: string): Promise<string> {
  const role = place.role(name);
  await place.query(`create role ${role} login password 'x'; grant usage on schema app to ${role}`);
  return role;
}

export const items: ViewSpec = {
  schema: "app",
  name: "labels",
  query: "select label, count(*) as items from app.items group by label",
  options: { security_barrier: true },
  readers: [],
  readersMayBeMissing: false,
  schemaMayBeMissing: false,
  lockTimeoutMs: 500,
  lockDeadlineMinutes: 1,
};

export const silent = (): void => undefined;

export const make = (place: Place, spec: ViewSpec, before?: ViewState): Promise<ViewState> =>
  ensureView(place.deployerUrl, spec, before?.owner, silent);

/** True where a preview would show an update. */
export async function shows(place: Place, state: ViewState, spec: ViewSpec = state): Promise<boolean> {
  return (await difference(place.deployerUrl, state, spec, silent)).changes === true;
}

export const refresh = (place: Place, state: ViewState) =>
  refreshed(place.deployerUrl, state.qualifiedName, state, silent);

/** The privileges on a relation as PostgreSQL itself answers for a role. */
export async function holds(place: Place, role: string, relation: string, privilege: string): Promise<boolean> {
  const [row] = await place.query<{ held: boolean }>("select has_table_privilege($1, $2, $3) as held", [
    role,
    relation,
    privilege,
  ]);
  return row?.held === true;
}

export async function reloptions(place: Place, relation: string): Promise<string[] | null> {
  const [row] = await place.query<{ reloptions: string[] | null }>(
    "select reloptions from pg_class where oid = $1::regclass",
    [relation],
  );
  return row?.reloptions ?? null;
}
