import * as fc from "fast-check";

/** What a user's trigger may do on a transfer's writes, in PL/pgSQL. `S` is the id of the wallet whose row fires it. */
interface Effect {
  readonly name: string;
  readonly sql: string;
  /** Whether it reaches the rows of `S` only: then no other wallet may be held up by it. */
  readonly own: boolean;
}

const own = (name: string, sql: string): Effect => ({ name, sql, own: true });
const wide = (name: string, sql: string): Effect => ({ name, sql, own: false });
const vault = "update public.credential_vault_storage set";
const wallets = "update public.project_credentials set";

/** A refused value (23514), a user's own, and what reads like a cancel, a conflict, a full disk, a lost or a broken server. */
const sqlstates = [
  "23514",
  "P0001",
  "P0004",
  "57014",
  "40001",
  "40P01",
  "53100",
  "53400",
  "08006",
  "58030",
  "XX000",
  "ZZ999",
];

/** At row or statement level, before or after. A trigger that writes rows must not fire itself: the caller sees to that. */
const anywhere: readonly Effect[] = [
  ...sqlstates.map((state) => own(`raises ${state}`, `raise exception using errcode = '${state}', message = 'no';`)),
  own("seals the vault's value", `${vault} encrypted_private_key = 'sealed' where credential_id = S;`),
  own(
    "shortens the vault's value",
    `${vault} encrypted_private_key = left(encrypted_private_key, 20) where credential_id = S;`,
  ),
  own("empties the vault's value", `${vault} encrypted_private_key = '' where credential_id = S;`),
  own("deletes the vault's row", "delete from public.credential_vault_storage where credential_id = S;"),
  own("takes the key out of metadata", `${wallets} metadata = metadata - 'private_key_encrypted' where id = S;`),
  own(
    "gives vault and metadata the same other value",
    `${vault} encrypted_private_key = 'same' where credential_id = S;
     ${wallets} metadata = '{"private_key_encrypted": "same"}' where id = S;`,
  ),
  own("takes metadata away", `${wallets} metadata = null where id = S;`),
  own(
    "makes another wallet of its key",
    `insert into public.project_credentials (project_id, credential_type, metadata)
     select gen_random_uuid(), credential_type, metadata from public.project_credentials where id = S;
     ${wallets} metadata = null where id = S;`,
  ),
  own("sets the flag", `${wallets} vault_stored = true, vault_backup_date = now() where id = S;`),
  own("puts the flag back", `${wallets} vault_stored = false where id = S;`),
  own("touches the wallet", `${wallets} status = 'seen' where id = S;`),
  own("touches the vault's row", `${vault} updated_at = now() where credential_id = S;`),
  own("deletes the wallet", "delete from public.project_credentials where id = S;"),
  wide("empties other vault rows", `${vault} encrypted_private_key = '' where credential_id <> S;`),
  wide("empties the metadata of others", `${wallets} metadata = '{}' where id <> S;`),
  wide("flags all others", `${wallets} vault_stored = true, vault_backup_date = now() where id <> S;`),
  wide(
    "takes another wallet's key and source",
    `${vault} encrypted_private_key = 'gone' where credential_id = (select min(id::text)::uuid from ledger.wallet where id <> S);
     ${wallets} metadata = null where id = (select min(id::text)::uuid from ledger.wallet where id <> S);`,
  ),
  wide(
    "gives its key to all others",
    `insert into public.credential_vault_storage (credential_id, vault_id, encrypted_private_key)
     select w.id, 'spread-' || w.n, k.key from ledger.wallet w join ledger.key k on k.id = S where w.id <> S on conflict do nothing;`,
  ),
  wide("turns triggers off", "perform set_config('session_replication_role', 'replica', false);"),
  wide("changes the search path", "perform set_config('search_path', 'ledger', false);"),
  wide("makes the transaction read-only", "perform set_config('transaction_read_only', 'on', true);"),
];

/** Before a row is written: what becomes of the row itself. */
const beforeRow: Readonly<Record<Table, readonly Effect[]>> = {
  wallets: [
    own("keeps the flag as it was", "new.vault_stored := old.vault_stored;"),
    own("takes the key out of the row", "new.metadata := '{}';"),
    own("writes nothing", "return null;"),
  ],
  vault: [
    own("seals the value in the row", "new.encrypted_private_key := 'sealed';"),
    own("adds white space to the value", "new.encrypted_private_key := new.encrypted_private_key || ' ';"),
    own("takes another vault id", "new.vault_id := 'mine-' || gen_random_uuid();"),
    wide("gives the row to another wallet", "new.credential_id := (select min(id::text)::uuid from ledger.wallet);"),
    own("writes nothing", "return null;"),
  ],
};

type Table = "wallets" | "vault";
const tableNames: Readonly<Record<Table, string>> = {
  wallets: "public.project_credentials",
  vault: "public.credential_vault_storage",
};

/** Of which wallets the rows fire it: all, those of one remainder, or a single one. SQL over `w`, a row of ledger.wallet. */
const circles = ["true", "w.n % 3 = 1", "w.n = 2"] as const;

export interface HostileTrigger {
  /** What it does, for whoever reads of a failure. */
  readonly what: string;
  readonly table: Table;
  readonly timing: "before" | "after" | "at commit";
  readonly level: "row" | "statement";
  readonly events: string;
  readonly circle: (typeof circles)[number];
  readonly effect: Effect;
}

const triggerOn = (table: Table): fc.Arbitrary<HostileTrigger> =>
  fc
    .record({
      timing: fc.constantFrom("before" as const, "after" as const, "at commit" as const),
      level: fc.constantFrom("row" as const, "row" as const, "row" as const, "statement" as const),
      events:
        table === "wallets"
          ? fc.constantFrom("update", "update of vault_stored")
          : fc.constantFrom("insert", "update", "insert or update"),
      circle: fc.constantFrom(...circles),
    })
    .chain(({ timing, level, events, circle }) => {
      const rowOnly = timing === "before" && level === "row" ? [...beforeRow[table], ...beforeRow[table]] : [];
      return fc.constantFrom(...anywhere, ...rowOnly).map((effect) => ({
        what: `${timing} ${events} on ${table} (${level}): ${effect.name}, for ${circle}`,
        table,
        timing,
        level: timing === "at commit" ? ("row" as const) : level,
        events,
        circle,
        effect,
      }));
    });

/** One to three triggers on the two tables. */
export const hostileTriggers: fc.Arbitrary<readonly HostileTrigger[]> = fc.array(
  fc.constantFrom("wallets" as const, "vault" as const).chain(triggerOn),
  { minLength: 1, maxLength: 3 },
);

const nameOf = (n: number): string => `hostile_${n}`;

/** SQL that makes them. The ledger is to be there: it knows the wallets by number. */
export const makingTriggers = (triggers: readonly HostileTrigger[]): string =>
  triggers.map((trigger, n) => making(trigger, nameOf(n))).join("\n");

function making({ table, timing, level, events, circle, effect }: HostileTrigger, name: string): string {
  const id = table === "vault" ? "new.credential_id" : "new.id";
  const each = `for subject in select w.id from ledger.wallet w where ${circle} ${level === "row" ? `and w.id = ${id}` : ""} loop
      ${effect.sql.replace(/\bS\b/g, "subject")} end loop;`;
  const deferred = timing === "at commit";
  return `
    create function ledger.${name}() returns trigger language plpgsql as $$ declare subject uuid; begin
      if pg_trigger_depth() = 1 then ${each} end if; return ${timing === "before" && level === "row" ? "new" : "null"}; end $$;
    create ${deferred ? "constraint " : ""}trigger ${name} ${deferred ? "after" : timing} ${events} on ${tableNames[table]}
      ${deferred ? "deferrable initially deferred " : ""}for each ${level} execute function ledger.${name}();`;
}

export const droppingTriggers = (triggers: readonly HostileTrigger[]): string =>
  triggers.map((_, n) => `drop function ledger.${nameOf(n)}() cascade;`).join("\n");

/** SQL condition over `w`: the wallets that these triggers leave alone. Undefined where one of them reaches all. */
export function leftAlone(triggers: readonly HostileTrigger[]): string | undefined {
  if (triggers.some(({ effect, level }) => !effect.own || level === "statement")) return undefined;
  return triggers.map(({ circle }) => `not (${circle})`).join(" and ");
}
