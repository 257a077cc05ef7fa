import assert from "node:assert/strict";
import type { Database } from "../support/database";

/** What somebody might do by hand at night: one thing to each resource, and two to a view. */
export async function makeDrift(database: Database, role: string): Promise<void> {
  const [view] = await database.query<{ definition: string }>(
    "select pg_get_viewdef('wallet_status_monitoring'::regclass) as definition",
  );
  const definition = view?.definition.replace(/;\s*$/, "");
  await database.query(`
    alter table credential_vault_storage drop constraint credential_vault_storage_credential_id_key;
    create or replace view wallet_status_monitoring with (security_barrier = true) as
      select * from (${definition}) changed where network is not null;
    create role ${role};
    grant select on vault_storage_status to ${role};
    alter view vault_storage_status reset (security_barrier)`);
}

export async function assertRepaired(database: Database, role: string): Promise<void> {
  const [row] = await database.query(`
    select (select count(*)::int from pg_constraint where conname = 'credential_vault_storage_credential_id_key') as constraints,
           pg_get_viewdef('wallet_status_monitoring'::regclass) like '%changed%' as changed,
           has_table_privilege('${role}', 'vault_storage_status', 'select') as granted,
           (select reloptions from pg_class where oid = 'vault_storage_status'::regclass) as options`);
  assert.deepEqual(row, { constraints: 1, changed: false, granted: false, options: ["security_barrier=true"] });
}
