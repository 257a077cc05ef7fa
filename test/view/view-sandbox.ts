import { diffView } from "../../components/view/diff";
import { applyView } from "../../components/view/apply";
import { readView } from "../../components/view/read";
import type { ViewInputs, ViewOutputs } from "../../components/view/args";
import type { Major } from "../../testing/postgres-server";
import { type Database, withDatabase } from "../support/database";

/** A database with a schema, a table of three rows, and a role that owns both and is no superuser. */
export interface ViewSandbox extends Database {
  /** Connects as `deployer`. */
  readonly deployerUrl: string;
  /** A role's name in this database: roles belong to the server, so each test has its own. */
  role(name: string): string;
  /** The URL as a role made by `login`. */
  as(role: string): string;
}

export function withViewSandbox(major: Major, use: (sandbox: ViewSandbox) => Promise<void>): Promise<void> {
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
export async function login(sandbox: ViewSandbox, name: string): Promise<string> {
  const role = sandbox.role(name);
  await sandbox.query(`create role ${role} login password 'x'; grant usage on schema app to ${role}`);
  return role;
}

export const items: ViewInputs = {
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

export const make = (sandbox: ViewSandbox, inputs: ViewInputs, before?: ViewOutputs): Promise<ViewOutputs> =>
  applyView(sandbox.deployerUrl, inputs, before?.owner, silent);

/** True where a preview would show an update. */
export async function shows(sandbox: ViewSandbox, state: ViewOutputs, inputs: ViewInputs = state): Promise<boolean> {
  return (await diffView(sandbox.deployerUrl, state, inputs, silent)).changes === true;
}

export const refresh = (sandbox: ViewSandbox, state: ViewOutputs) =>
  readView(sandbox.deployerUrl, state.qualifiedName, state, silent);

/** The privileges on a relation as PostgreSQL itself answers for a role. */
export async function holds(sandbox: ViewSandbox, role: string, relation: string, privilege: string): Promise<boolean> {
  const [row] = await sandbox.query<{ held: boolean }>("select has_table_privilege($1, $2, $3) as held", [
    role,
    relation,
    privilege,
  ]);
  return row?.held === true;
}

export async function reloptions(sandbox: ViewSandbox, relation: string): Promise<string[] | null> {
  const [row] = await sandbox.query<{ reloptions: string[] | null }>(
    "select reloptions from pg_class where oid = $1::regclass",
    [relation],
  );
  return row?.reloptions ?? null;
}
