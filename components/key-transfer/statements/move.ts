import { qualified } from "../../postgres/identifiers";
import type { Standing } from "../standing";
import type { Wallets } from "../wallets";

/** What one statement did; column names of its only row, besides `stored`, the ids of the wallets it flagged as stored. */
export const moveCounts = [
  "locked",
  "transferred",
  "repaired",
  "unequal",
  "assigned",
  "flags_set",
  "flags_cleared",
] as const;

/**
 * The one data-modifying statement: locks the wallets that have something to do, inserts or fills their vault rows,
 * compares what is now in the vault with the source, and only then sets the flag. All of it or nothing.
 *
 * Steps look one another up with IN outside of WHERE, which PostgreSQL does by hashing: it expects one row of every
 * step, and would join a thousand with a thousand one by one.
 *
 * @param which condition on `c` that says which wallets to look at
 * @param patient false: rows that others have locked are skipped and come back later; true: waited for
 * @param most SQL of the number of wallets to lock at the most; `null` means all
 */
export function move(wallets: Wallets, by: Standing, which: string, patient: boolean, most = "null"): string {
  const credentials = qualified(wallets.schema, wallets.credentialsTable);
  const vault = qualified(wallets.schema, wallets.vaultTable);
  const skip = patient ? "" : "skip locked";
  // Locks a few wallets too many, for the time of a batch, and saves judging all of them twice. Whoever waits for locks
  // must wait for none that is not needed. The offset keeps PostgreSQL from reading the whole vault at once.
  const mayNeedWork = `case when c.vault_stored
              then not exists (select from ${vault} v where v.credential_id = c.id and not ${by.isEmptyRow("v")} offset 0)
              else true end`;
  return `
    with locked as materialized (
      select c.ctid as place, c.id, c.credential_type, c.key_vault_id, c.metadata, c.vault_stored
        from ${patient ? by.from({ oneByOne: true }) : `${credentials} c`}
       where ${which} and ${by.concerned} and ${patient ? "w.needs_work" : mayNeedWork}
       limit ${most}
         for no key update of c ${skip}
    ), candidate as materialized (
      -- Judged under the lock: a row that was changed before we had it comes as it is now, but whatever the first step
      -- derived from it would be as it was (PostgreSQL manual, 13.2.1). Its old key must not reach the vault.
      select c.place, c.id, w.state, w.source, c.vault_stored is true as flagged,
             v.credential_id is not null as has_row, ${wantedVaultId(by)} as wanted
        from ${by.from({ credentials: "locked", oneByOne: true })}
       where w.needs_work
    ), fillable as materialized (
      select d.id
        from candidate d
       cross join lateral (select from ${vault} v where v.credential_id = d.id for no key update of v ${skip}) kept
       where d.state = 'pending' and d.has_row
    ), named as (
      select w.*, case when w.taken or w.turn > 1 then ${ownVaultId("w", by)} else w.wanted end as vault_id
        from (select d.*, row_number() over (partition by d.has_row, d.wanted order by d.id) as turn,
                     not d.has_row and exists (select from ${vault} t where t.vault_id = d.wanted and t.credential_id <> d.id) as taken
                from candidate d
               where d.state = 'pending' and (not d.has_row or (d.id in (select id from fillable)) is true)) w
    ), inserted as (
      insert into ${vault} as t (credential_id, vault_id, encrypted_private_key)
      select n.id, n.vault_id, n.source from named n where not n.has_row
      on conflict (credential_id) do nothing
      returning t.credential_id, t.encrypted_private_key::text as key
    ), filled as (
      update ${vault} t set encrypted_private_key = n.source
        from named n
       where n.has_row and t.credential_id = n.id and ${by.isEmptyRow("t")}
      returning t.credential_id, t.encrypted_private_key::text as key
    ), moved as (
      select credential_id, key from inserted union all select credential_id, key from filled
    ), compared as materialized (
      select n.*, (n.id, n.source collate "C") in (select credential_id, key from moved) as equal
        from named n
    ), held as materialized (
      -- A wallet that is stored already gets its flag only while its vault row cannot change.
      select d.*
        from candidate d
       cross join lateral (
         select from ${vault} v
          where v.credential_id = d.id and not ${by.isEmptyRow("v")}
            and (d.source is null or d.source = v.encrypted_private_key::text collate "C")
            for share of v ${skip}) kept
       where d.state = 'stored'
    ), fact as materialized (
      select place, id, flagged, true as stored from compared where equal
      union all select place, id, flagged, true from held
      union all select place, id, flagged, false from candidate where state not in ('pending', 'stored')
    ), flag as (
      update ${credentials} c
         set vault_stored = c.id in (select id from fact where stored),
             vault_backup_date = case when c.id in (select id from fact where stored)
                                      then coalesce(c.vault_backup_date, now()) else c.vault_backup_date end
       where c.ctid = any (array(select place from fact)) and (c.id in (select id from fact)) is true
      returning c.id
    )
    select (select count(*) from locked) as locked,
           (select count(*) from compared where equal) as transferred,
           (select count(*) from compared where equal and has_row) as repaired,
           (select count(*) from compared where equal is not true)
             + (select count(*) from fact) - (select count(*) from flag) as unequal,
           (select count(*) from compared where equal and not has_row and vault_id <> wanted) as assigned,
           (select count(*) from fact where stored and not flagged and (id in (select id from flag)) is true) as flags_set,
           (select count(*) from fact where not stored and (id in (select id from flag)) is true) as flags_cleared,
           array(select id from fact where stored) as stored`;
}

/**
 * True where a wallet that was just flagged is not stored after all: a user's trigger came after the comparison. Sees what
 * all triggers left, if it runs as a statement of its own.
 *
 * @param ids SQL of an array of ids
 */
export function undone(wallets: Wallets, by: Standing, ids: string): string {
  const flagged = `(select x.* from ${qualified(wallets.schema, wallets.credentialsTable)} x where x.id = any (${ids}))`;
  return `exists (select from ${by.from({ credentials: flagged, oneByOne: true })} where w.state <> 'stored' or c.vault_stored is not true)`;
}

/**
 * The id of a new vault row, as the wallet wants it: its own, or made of key_vault_id, or of its id. In the collation of
 * the vault's own ids: an index on them is of use for no other.
 */
const wantedVaultId = (by: Standing): string => `(coalesce(
  case when jsonb_typeof(${by.document} -> 'private_key_vault_id') = 'string'
       then nullif(${by.document} ->> 'private_key_vault_id', '') end,
  'vault-' || nullif(c.key_vault_id::text, ''),
  'vault-' || c.id) collate ${by.shape.vaultIdCollation})`;

/** The last resort. */
const ownVaultId = (alias: string, by: Standing): string =>
  `(('vault-' || ${alias}.id) collate ${by.shape.vaultIdCollation})`;
