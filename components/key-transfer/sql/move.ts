import { quoteIdent, quoteQualified, quoteValue } from "../../postgres/quote";
import { toRoleSettings } from "../../postgres/role-settings";
import type { WalletStateSql } from "../wallet-state";
import { tableMarks } from "./verify-move";
import { vaultValuesOf, type Wallets } from "../wallets";
import { lastResortVaultId, vaultIdFits, wantedVaultId } from "./vault-id";

/** Counts of what the statement did: columns of its only row. */
export const moveCounts = [
  "locked",
  "transferred",
  "repaired",
  "unequal",
  "assigned",
  "flags_set",
  "flags_cleared",
] as const;

export interface MoveOptions {
  /** Condition on `c`: which wallets to move. */
  readonly which: string;
  /** True: waits for rows that other sessions have locked. False: skips them, and a later pass moves them. */
  readonly waitForLocks: boolean;
  /** SQL of a number on which the digests depend. */
  readonly seed: string;
  /** SQL of the largest number of wallets to lock. @default all */
  readonly most?: string;
  /** SQL of a boolean: whether new rows get the last resort for their vault_id. @default only where they must */
  readonly assign?: string;
  /** SQL of a boolean: whether a second statement sets the flags; see `setFlagApart`. @default false */
  readonly flagApart?: string;
  /** True: only clears flags of wallets without a key in the vault. @default false */
  readonly flagsOnly?: boolean;
}

/**
 * The one statement that moves keys, all or nothing: it locks the wallets that need work, inserts or fills their vault rows,
 * compares the vault's values with the source, and only then sets the flags. `unequal` counts the rows that are not as they
 * should be as they were written, after their own BEFORE triggers.
 *
 * Its only row has `moveCounts`, and what `verifyMove` compares afterwards: for each wallet whose flag was written `ids`,
 * `stored`, `source_digests` and `vault_digests` as they were judged under the lock, all in one order; and the ctids of the
 * rows that the move wrote or holds, `wallet_ctids` and `vault_ctids`. `form` and `written` say how the tables were before.
 *
 * The first step gives users' triggers the role's own settings, and every later step depends on it. The first column asks for
 * it, so that no statement-level trigger runs before it.
 *
 * A step looks up rows of another with IN outside of WHERE, which PostgreSQL does by hashing. It expects one row of every
 * step, so it would join a thousand rows with a thousand rows in nested loops.
 */
export function move(wallets: Wallets, stateSql: WalletStateSql, options: MoveOptions): string {
  const { which, waitForLocks, seed, assign = "false", flagApart = "false", flagsOnly = false } = options;
  const credentials = quoteQualified(wallets.schema, wallets.credentialsTable);
  const vault = quoteQualified(wallets.schema, wallets.vaultTable);
  const skip = waitForLocks ? "" : "skip locked";
  // Each an untyped literal, which takes the type of its column.
  const further = vaultValuesOf(wallets);
  // May lock a few rows that need no change, so that the state is computed once. A move that waits for locks must lock no such
  // row. `offset 0` stops the planner from hashing the whole vault.
  const mayNeedWork = `case when c.vault_stored
              then not exists (select from ${vault} v where v.credential_id = c.id and not ${stateSql.isEmptyRow("v")} offset 0)
              else true end`;
  const flagged = `c.id, c.ctid as row_ctid, c.vault_stored as flag, ${stateSql.sourceDigest(seed)} as digest`;
  const date = `now()::${stateSql.schemaFacts.backupDateType}`;
  return `
    with users as materialized (
      select ${toRoleSettings}, ${tableMarks(wallets)}
    ), locked as materialized (
      select c.ctid as row_ctid, c.id, c.credential_type, c.key_vault_id, c.metadata, c.vault_stored, c.vault_backup_date
        from users, ${waitForLocks ? stateSql.from({ perRowLookup: true }) : `${credentials} c`}
       where ${which} and ${stateSql.inScope} and ${waitForLocks ? "w.needs_work" : mayNeedWork}
       limit ${options.most ?? "null"}
         for no key update of c ${skip}
    ), candidate as materialized (
      -- Judged under the lock: the lock returns a row as it is now, but whatever the first step derived from it would be as
      -- it was before a change by another session (PostgreSQL manual, 13.2.1). Its old key must not reach the vault.
      select c.row_ctid, c.id, w.state, w.source, w.source_digest, w.vault_digest, c.vault_stored is true as flagged,
             c.vault_backup_date is not null as dated, v.credential_id is not null as has_row, ${wantedVaultId(stateSql)} as wanted
        from ${stateSql.from({ credentials: "locked", perRowLookup: true, seed })}
       where w.needs_work
    ), fillable as materialized (
      select d.id
        from candidate d
       cross join lateral (select from ${vault} v where v.credential_id = d.id for no key update of v ${skip}) kept
       where d.state = 'pending' and d.has_row and ${!flagsOnly}
    ), named as (
      select w.*, case when w.must or w.turn > 1 then ${lastResortVaultId(stateSql)} else w.wanted end as vault_id
        from (select d.*, row_number() over (partition by d.has_row, d.wanted order by d.id) as turn,
                     not d.has_row and (${assign} or not ${vaultIdFits("d.wanted", stateSql)} or d.wanted collate "C" = d.source
                       or exists (select from ${vault} t where t.vault_id = d.wanted and t.credential_id <> d.id)) as must
                from candidate d
               where d.state = 'pending' and (not d.has_row or (d.id in (select id from fillable)) is true) and ${!flagsOnly}) w
    ), inserted as (
      insert into ${vault} as t (credential_id, vault_id, encrypted_private_key${further.map(([column]) => `, ${quoteIdent(column)}`).join("")})
      select n.id, n.vault_id, n.source${further.map(([, value]) => `, ${quoteValue(value)}`).join("")}
        from named n where not n.has_row
      on conflict (credential_id) do nothing
      returning t.credential_id, t.encrypted_private_key::text as key, t.ctid as row_ctid
    ), filled as (
      update ${vault} t set encrypted_private_key = n.source
        from named n
       where n.has_row and t.credential_id = n.id and ${stateSql.isEmptyRow("t")} and not (${stateSql.isRevoked("t")})
      returning t.credential_id, t.encrypted_private_key::text as key, t.ctid as row_ctid
    ), moved as (
      select credential_id, key, row_ctid from inserted union all select credential_id, key, row_ctid from filled
    ), compared as materialized (
      select n.*, (n.id, n.source collate "C") in (select credential_id, key from moved) as equal
        from named n
    ), held as materialized (
      -- A wallet that is stored already gets its flag only while a lock keeps its vault row from changing.
      select d.*, kept.row_ctid as vault_ctid
        from candidate d
       cross join lateral (
         select v.ctid as row_ctid from ${vault} v
          where v.credential_id = d.id and not ${stateSql.isEmptyRow("v")}
            and (d.source is null or d.source = v.encrypted_private_key::text collate "C")
            for share of v ${skip}) kept
       where d.state = 'stored' and ${!flagsOnly}
    ), fact as materialized (
      select row_ctid, id, flagged, dated, true as stored, source_digest, hashtextextended(source, ${seed}) as vault_digest
        from compared where equal
      union all select row_ctid, id, flagged, dated, true, source_digest, vault_digest from held
      union all select row_ctid, id, flagged, dated, false, source_digest, vault_digest from candidate
                 where flagged and state ${flagsOnly ? "<> 'stored'" : "not in ('pending', 'stored')"}
    ), first_flag as (
      update ${credentials} c set vault_stored = true, vault_backup_date = ${date}
       where c.ctid = any (array(select row_ctid from fact where stored and not dated))
         and (c.id in (select id from fact where stored and not dated)) is true and not ${flagApart}
      returning ${flagged}
    ), flag as (
      -- An existing date is never written, not even with its own value: a cast would shift it by an hour in some time zones.
      update ${credentials} c set vault_stored = c.id in (select id from fact where stored)
       where c.ctid = any (array(select row_ctid from fact where dated or not stored))
         and (c.id in (select id from fact where dated or not stored)) is true and not ${flagApart}
      returning ${flagged}
    ), flags as (
      select * from first_flag union all select * from flag
    )
    select (select role_search_path is not null from users) as role_settings,
           (select form from users) as form, (select written from users) as written,
           (select count(*) from locked) as locked,
           (select count(*) from compared where equal) as transferred,
           (select count(*) from compared where equal and has_row) as repaired,
           (select count(*) from compared where equal is not true)
             + (select count(*) from flags where ((id, flag, digest) in (select id, stored, source_digest from fact)) is not true)
             + case when ${flagApart} then 0 else (select count(*) from fact) - (select count(*) from flags) end as unequal,
           (select count(*) from compared where equal and not has_row and vault_id <> wanted) as assigned,
           (select count(*) from fact where stored and not flagged and (id in (select id from flags)) is true) as flags_set,
           (select count(*) from fact where not stored and (id in (select id from flags)) is true) as flags_cleared,
           (select count(*) from moved) + (select count(*) from flags) as rows_written,
           array(select id from fact) as ids, array(select stored from fact) as stored,
           array(select source_digest from fact) as source_digests, array(select vault_digest from fact) as vault_digests,
           array(select row_ctid from fact) as judged_ctids, array(select row_ctid from flags) as wallet_ctids,
           array(select row_ctid from moved union all select vault_ctid from held) as vault_ctids`;
}

/**
 * Sets the flag of one wallet after a move with `flagApart`: for tables where a trigger of the vault writes the wallet before
 * our statement does, which PostgreSQL refuses (27000). One row: `role_settings`; `ctids` of the rows it wrote; `was_moved`, how
 * many of these rows a trigger had written before.
 *
 * @param id SQL of the wallet's id
 * @param judged SQL of an array: the ctid of the wallet when it was judged
 */
export function setFlagApart(wallets: Wallets, stateSql: WalletStateSql, id: string, judged: string): string {
  const credentials = quoteQualified(wallets.schema, wallets.credentialsTable);
  const date = `case when c.vault_backup_date is null then now()::${stateSql.schemaFacts.backupDateType} else c.vault_backup_date end`;
  return `
    with users as materialized (
      select ${toRoleSettings}
    ), flag as (
      update ${credentials} c set vault_stored = true, vault_backup_date = ${date}
        from users
       where c.id = ${id} and c.vault_stored is not true and users.role_search_path is not null
      returning c.ctid as row_ctid
    )
    select (select role_search_path is not null from users) as role_settings, array(select row_ctid from flag) as ctids,
           (select count(*) from ${credentials} c
             where c.id = ${id} and c.vault_stored is not true and c.ctid <> all (${judged})) as was_moved`;
}
