import * as fc from "fast-check";
import type { Client } from "pg";

/** Statements that write a table anew, or empty it for a moment, as migrations of applications do. No content changes. */
const migrations = [
  "alter table project_credentials alter column status type text using status || ''",
  "alter table project_credentials alter column status type varchar using status || ''",
  "alter table credential_vault_storage alter column encryption_method type text using encryption_method || ''",
  "alter table project_credentials add column extra text default clock_timestamp()::text",
  "alter table project_credentials drop column if exists extra",
  "vacuum full project_credentials",
  "vacuum full credential_vault_storage",
  "cluster project_credentials using project_credentials_pkey",
  "cluster credential_vault_storage using credential_vault_storage_pkey",
  "reload",
] as const;

/** No trigger fires on the rows that come back: they were there. */
const reload = [
  "begin",
  "set local session_replication_role = replica",
  "lock table project_credentials, credential_vault_storage in access exclusive mode",
  "create temporary table wallets_kept on commit drop as select * from project_credentials",
  "create temporary table vault_kept on commit drop as select * from credential_vault_storage",
  "truncate project_credentials, credential_vault_storage",
  "insert into project_credentials select * from wallets_kept order by random()",
  "insert into credential_vault_storage select * from vault_kept order by random()",
  "commit",
];

export type Migration = (typeof migrations)[number];

export const rewritingMigrations: fc.Arbitrary<readonly Migration[]> = fc.array(fc.constantFrom(...migrations), {
  maxLength: 6,
});

/** Runs them one after the other, in a session of an application's. One that fails (a deadlock) is tried no further. */
export async function migrate(session: Client, chosen: readonly Migration[]): Promise<void> {
  for (const migration of chosen)
    for (const statement of migration === "reload" ? reload : [migration])
      try {
        await session.query(statement);
      } catch {
        // Nothing to roll back where the server is gone.
        await session.query("rollback").catch(() => undefined);
        break;
      }
}
