import type { UniqueConstraintInputs } from "../../components/unique-constraint/args";
import { applyConstraint, type UniqueConstraintOutputs } from "../../components/unique-constraint/apply";
import { checkConstraint } from "../../components/unique-constraint/preconditions";
import { server, testedMajors, type Content, type Database, withDatabase } from "../support/database";
import { eventually } from "../support/eventually";

type Major = (typeof testedMajors)[number];

export const vault = "credential_vault_storage";
export const constraintName = "credential_vault_storage_credential_id_key";

/** The constraint as WalletVault declares it, with what a test wants otherwise. */
export function declaration(changes: Partial<UniqueConstraintInputs> = {}): UniqueConstraintInputs {
  return {
    schema: "public",
    table: vault,
    columns: ["credential_id"],
    name: constraintName,
    indexDeadlineMinutes: 1,
    lockTimeoutMs: 200,
    lockDeadlineMinutes: 1,
    ...changes,
  };
}

/** Makes the constraint; `lines` gets what was reported meanwhile. */
export function make(
  database: Pick<Database, "url">,
  changes: Partial<UniqueConstraintInputs> = {},
  lines: string[] = [],
): Promise<UniqueConstraintOutputs> {
  return applyConstraint(database.url, declaration(changes), (line) => lines.push(line));
}

/** The reason a preview would give for stopping; undefined where it would not stop. */
export async function previewFailure(
  database: Pick<Database, "url">,
  changes: Partial<UniqueConstraintInputs> = {},
): Promise<string | undefined> {
  const { failures } = await checkConstraint(database.url, { ...declaration(changes) }, () => {});
  return failures[0]?.reason;
}

/** Two credentials without a vault row. */
export const someCredentials = `
  insert into project_credentials (id, project_id, credential_type)
  select ('00000000-0000-4000-8000-00000000000' || n)::uuid, gen_random_uuid(), 'ethereum_wallet' from generate_series(1, 2) n`;

export const credential = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;

/** Whether what died of 42P10 runs now, told by running it: inserts the same row twice, and undoes it. */
export async function upsertWorks(
  database: Database,
  table = `public.${vault}`,
  target = "credential_id",
): Promise<string> {
  const session = await database.session();
  try {
    await session.query("begin");
    await session.query("set local session_replication_role = replica");
    for (const n of [1, 2]) {
      await session.query(
        `insert into ${table} (credential_id, vault_id, encrypted_private_key)
         values ('${credential(9)}', 'probe${n}', 'made up') on conflict (${target}) do nothing`,
      );
    }
    const { rows } = await session.query(`select from ${table} where credential_id = '${credential(9)}'`);
    return `${rows.length} row`;
  } catch (error) {
    return String((error as { code?: string }).code);
  } finally {
    await session.query("rollback").catch(() => undefined);
  }
}

/** Every unique index of a table by an independent query: `name valid ready constraint`. */
export async function uniqueIndexes(database: Database, table = `public.${vault}`): Promise<string[]> {
  const rows = await database.query<{ line: string }>(
    `select concat_ws(' ', c.relname, case when i.indisvalid then 'valid' else 'INVALID' end, coalesce(k.contype::text, 'bare')) as line
       from pg_index i join pg_class c on c.oid = i.indexrelid left join pg_constraint k on k.conindid = c.oid and k.conrelid = i.indrelid
      where i.indrelid = '${table}'::regclass and i.indisunique order by 1`,
  );
  return rows.map((row) => row.line);
}

/** What the wallet system has, and what it should have when all is done. */
export const untouched = [`${vault}_pkey valid p`, `${vault}_vault_id_key valid u`];
export const done = [`${constraintName} valid u`, ...untouched];

export async function oidOf(database: Database, index: string): Promise<number> {
  const [row] = await database.query<{ oid: number }>("select to_regclass($1)::oid as oid", [index]);
  return row?.oid ?? 0;
}

/** The process that builds an index on the vault and has come to this phase. */
export function builderIn(database: Database, phase: string): Promise<number> {
  return eventually(`an index build in phase "${phase}"`, async () => {
    const [row] = await database.query<{ pid: number }>(
      "select pid from pg_stat_progress_create_index where datname = current_database() and phase = $1",
      [phase],
    );
    return row?.pid;
  });
}

/** A session whose snapshot every later index build has to wait for, though it touches no table. */
export async function oldSnapshot(
  database: Database,
  application: string,
): Promise<{ pid: number; end: () => Promise<void> }> {
  const session = await database.session();
  await session.query(`set application_name = '${application}'`);
  await session.query("begin isolation level repeatable read");
  const { rows } = await session.query<{ pid: number }>("select pg_backend_pid() as pid");
  return { pid: rows[0]?.pid ?? 0, end: async () => void (await session.query("rollback")) };
}

/** A role that may log in; its URL. It is dropped with what it owns when `use` returns. */
export async function withRole<T>(
  database: Database,
  major: Major,
  use: (role: { name: string; url: string }) => Promise<T>,
): Promise<T> {
  const name = `role_${database.name}`;
  await database.query(`create role ${name} login password 'secret'`);
  try {
    return await use({ name, url: (await server(major)).url(database.name, name, "secret") });
  } finally {
    await database.query(`reassign owned by ${name} to current_user; drop owned by ${name}; drop role ${name}`);
  }
}

/** The same claim on every tested PostgreSQL. */
export function onEachMajor(
  test: (title: string, run: () => Promise<void>) => unknown,
  title: string,
  run: (database: Database, major: Major) => Promise<void>,
  content: Content = {},
): void {
  for (const major of testedMajors) {
    test(`${title} (PostgreSQL ${major})`, () =>
      withDatabase({ ...content, major }, (database) => run(database, major)));
  }
}
