import assert from "node:assert/strict";
import { test } from "node:test";
import { refusalReason, statusOf } from "../../components/key-transfer/summary";
import { testedMajors, withDatabase } from "../support/database";
import { eventually } from "../support/eventually";
import { transfer, withConstraint } from "../../testing/transfer";

const load = ["wallet-system", ["waiting", 8]] as const;
const first = "key_vault_id = 'kv-1'";

for (const major of testedMajors) {
  test(`a true flag stays where an application brings the key while its wallet is waited for (PostgreSQL ${major})`, async () => {
    const sql = `${withConstraint}; update project_credentials set vault_stored = true, metadata = '{}' where ${first}`;
    await withDatabase({ major, load, sql }, async (database) => {
      const application = await database.session();
      await application.query(`begin; update project_credentials set status = 'moving' where ${first};
        insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
        select id, 'theirs', 'from the application' from project_credentials where ${first}`);
      const running = transfer(database.url);
      const waiting = async () =>
        (
          await database.query(
            "select from pg_stat_activity where application_name like 'wallet-vault: moving%' and wait_event_type = 'Lock' and datname = current_database()",
          )
        )[0];
      await eventually("the transfer waits for the wallet", waiting, running);
      await application.query("commit");
      const { found, lastRun } = await running;
      assert.equal(lastRun.flagsCleared, 0);
      assert.equal(statusOf(found.counts), "complete");
      assert.deepEqual(await database.query(`select vault_stored as flag from project_credentials where ${first}`), [
        { flag: true },
      ]);
    });
  });

  test(`a backup date that is there keeps every microsecond, over a daylight change as well (PostgreSQL ${major})`, async () => {
    const sql = `${withConstraint};
      alter table project_credentials alter vault_backup_date type timestamp;
      do $$ begin execute format('alter database %I set timezone = %L', current_database(), 'Europe/Berlin'); end $$;
      update project_credentials set vault_backup_date = '2025-10-26 02:30:00.123456' where ${first};
      update project_credentials set vault_backup_date = '2025-03-30 02:30:00.5' where key_vault_id = 'kv-2';`;
    await withDatabase({ major, load, sql }, async (database) => {
      const dates = `select key_vault_id as w, vault_backup_date::text as date from project_credentials
        where key_vault_id in ('kv-1', 'kv-2') order by 1`;
      const before = await database.query(dates);
      const { lastRun } = await transfer(database.url);
      assert.equal(lastRun.flagsSet, 8);
      assert.deepEqual(await database.query(dates), before);
      const [undated] = await database.query("select from project_credentials where vault_backup_date is null");
      assert.equal(undated, undefined);
    });
  });

  test(`a trigger that runs as another role finds row-level security as that role has it (PostgreSQL ${major})`, async () => {
    const role = `rls_app_${major}`;
    const sql = `${withConstraint};
      do $$ begin if not exists (select from pg_roles where rolname = '${role}') then create role ${role}; end if; end $$;
      grant all on schema public to ${role}; create table notes (id uuid, at timestamptz default now());
      grant all on notes to ${role}; alter table notes enable row level security;
      create policy everything on notes using (true) with check (true);
      create function note() returns trigger language plpgsql security definer as $$ begin
        insert into public.notes (id) select new.credential_id where not exists (select from public.notes n where n.id = new.credential_id);
        return null; end $$;
      alter function note() owner to ${role};
      create trigger note after insert on credential_vault_storage for each row execute function note();`;
    await withDatabase({ major, load, sql }, async (database) => {
      const { found, refusals } = await transfer(database.url);
      assert.deepEqual(refusals.map(refusalReason), []);
      assert.equal(statusOf(found.counts), "complete");
      assert.deepEqual(await database.query("select count(*)::int as n from notes"), [{ n: 8 }]);
    });
  });
}
