import type { Client } from "pg";
import { Blockers } from "./blockers";
import type { CrashDatabase } from "./crash-database";

/** A moment of a run at which it is killed. Nothing waits for a time to pass: the run is held where it is wanted. */
export interface Step {
  readonly name: string;
  /** Puts in the way, before the run begins, what will hold it. */
  readonly prepare: (on: Held) => Promise<void>;
  /** Returns once the run is there. */
  readonly reached: (on: Held) => Promise<void>;
}

/** A run that is held: by whom, and where to look. */
export interface Held {
  readonly blockers: Blockers;
  readonly watch: Client;
}

export async function held(database: CrashDatabase): Promise<Held> {
  return { blockers: new Blockers(database), watch: await database.session("watching") };
}

const building = (phase: string) => `select from pg_stat_progress_create_index where phase = '${phase}'`;
const waiting = (purpose: string) =>
  `select from pg_stat_activity where application_name like 'wallet-vault: ${purpose}%' and wait_event_type = 'Lock'
      and datname = current_database()`;
/** Cheap, because it is asked for again and again while the last batches run. */
const allMoved = `
  select from (select count(*) as n from expected_state where after = 'stored') due
   where due.n <= (select count(*) from credential_vault_storage v join expected_state e using (credential_id)
                    where e.after = 'stored' and v.encrypted_private_key <> '')
     and due.n <= (select count(*) from project_credentials c join expected_state e on e.credential_id = c.id
                    where e.after = 'stored' and c.vault_stored)`;

const writer = "lock table credential_vault_storage in row exclusive mode";
const reader = "lock table credential_vault_storage in access share mode";
const oldSnapshot = "set transaction isolation level repeatable read; select from pg_class limit 1";
const standstill = "lock table credential_vault_storage in share row exclusive mode";
const shut = "lock table credential_vault_storage in access exclusive mode";
/** Somebody else is about to make an object of that name: ours waits until it is decided. */
const sameName = (view: string) => `create view ${view} as select 1 as other`;
/** Somebody is about to take the vault id that a wallet in the middle of the table wants. */
const sameVaultId = `
  with wanted as (
    select key_vault_id from project_credentials c join expected_state e on e.credential_id = c.id
     where e.before = 'pending' and c.key_vault_id ~ '^kv-[0-9]+$' and not c.metadata ? 'private_key_vault_id'
     order by c.ctid offset (select count(*) / 3 from project_credentials) limit 1
  ), other as (
    insert into project_credentials (project_id, credential_type) values (gen_random_uuid(), 'other') returning id
  )
  insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
  select other.id, 'vault-' || key_vault_id, 'another wallet''s key' from other, wanted`;

export const steps: readonly Step[] = [
  {
    name: "index build: before its scan",
    prepare: ({ blockers }) => blockers.hold("writer", writer),
    reached: ({ watch }) => until(watch, building("waiting for writers before build")),
  },
  {
    name: "index build: scanned, not yet valid",
    prepare: ({ blockers }) => blockers.hold("writer", writer),
    async reached({ blockers, watch }) {
      await until(watch, building("waiting for writers before build"));
      await blockers.hold("later writer", writer);
      await blockers.release("writer");
      await until(watch, building("waiting for writers before validation"));
    },
  },
  {
    name: "index build: waiting for old snapshots",
    prepare: ({ blockers }) => blockers.hold("old snapshot", oldSnapshot),
    reached: ({ watch }) => until(watch, building("waiting for old snapshots")),
  },
  {
    name: "index built, constraint not attached",
    prepare: ({ blockers }) => blockers.hold("reader", reader),
    reached: ({ watch }) => until(watch, waiting("making the unique constraint")),
  },
  {
    name: "constraint made, first view not",
    prepare: ({ blockers }) => blockers.hold("same name", sameName("wallet_status_monitoring")),
    reached: ({ watch }) => until(watch, waiting("making view")),
  },
  {
    name: "first view made, second not",
    prepare: ({ blockers }) => blockers.hold("same name", sameName("vault_storage_status")),
    reached: ({ watch }) => until(watch, waiting("making view")),
  },
  {
    name: "views made, no key moved",
    prepare: ({ blockers }) => blockers.hold("same name", sameName("vault_storage_status")),
    reached: (on) => heldWhileMoving(on, standstill),
  },
  {
    name: "in the middle of a batch",
    prepare: ({ blockers }) => blockers.hold("same name", sameName("vault_storage_status")),
    reached: (on) => heldWhileMoving(on, sameVaultId),
  },
  {
    name: "last batch done, read-back not begun",
    prepare: async () => undefined,
    reached: heldBeforeReadBack,
  },
  {
    name: "read-back under way",
    prepare: async () => undefined,
    async reached(on) {
      await heldBeforeReadBack(on);
      await on.blockers.release("shut");
    },
  },
];

/** Puts something in the way of the batches, at a moment when the index is built: it would wait for it, too. */
async function heldWhileMoving({ blockers, watch }: Held, obstacle: string): Promise<void> {
  await until(watch, waiting("making view"));
  await blockers.hold("obstacle", obstacle);
  await blockers.release("same name");
  await until(watch, waiting("moving keys"));
}

/**
 * Shuts the vault between the last batch's commit and the read-back's first look. The server itself waits for the one, so
 * that nothing has to travel before the lock is taken; the run opens two sessions in that time.
 */
async function heldBeforeReadBack({ blockers, watch }: Held): Promise<void> {
  await until(watch, "select from pg_constraint where conname = 'credential_vault_storage_credential_id_key'");
  await blockers.hold(
    "shut",
    `do $$ begin while not exists (${allMoved}) loop perform pg_sleep(0.001); end loop; end $$; ${shut}`,
  );
  await until(watch, waiting("reading back"));
}

/** The step was not seen: the run went past it, or never got there. */
export class StepMissed extends Error {}

/** Asks again and again until the query has a row. */
async function until(watch: Client, question: string): Promise<void> {
  for (const deadline = Date.now() + 10 * 60_000; (await watch.query(question)).rows.length === 0;) {
    if (Date.now() > deadline) throw new StepMissed(question);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
