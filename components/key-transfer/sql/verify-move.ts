import { anyDeferrable, anyHeldCursor } from "../../postgres/guarded-block";
import { quoteLiteral, quoteQualified } from "../../postgres/quote";
import type { WalletStateSql } from "../wallet-state";
import type { Wallets } from "../wallets";

/** SQL of the columns that a move returns of the time before it, and `marks` of the time after it. */
export const tableMarks = (wallets: Wallets): string =>
  `${formOf(wallets)} as form, ${rowsWritten(wallets)} as written`;

/** SQL of a look at what a move and all that it set off left behind. */
export const marks = (wallets: Wallets): string =>
  `select ${anyDeferrable} as deferrable, ${anyHeldCursor} as held_cursor, ${tableMarks(wallets)}`;

/** SQL of how many rows of the two tables this transaction has written, also by triggers; 0 where track_counts is off. */
const rowsWritten = (wallets: Wallets): string =>
  `(select sum(pg_stat_get_xact_tuples_inserted(t.oid) + pg_stat_get_xact_tuples_updated(t.oid)
                      + pg_stat_get_xact_tuples_deleted(t.oid))::int8
             from ${bothTables(wallets)} t (oid))`;

/**
 * SQL of what a count of rows does not show: the files of the two tables, which change when a trigger truncates or rewrites
 * a table, their columns, and the tables that inherit from them.
 */
const formOf = (wallets: Wallets): string =>
  `(select string_agg(concat_ws(' ', pg_relation_filenode(t.oid),
                      (select hashtextextended(string_agg(concat_ws(' ', a.attnum, a.attname, a.atttypid, a.attisdropped), ',' order by a.attnum), 0)
                         from pg_attribute a where a.attrelid = t.oid and a.attnum > 0),
                      (select count(*) from pg_inherits i where t.oid in (i.inhparent, i.inhrelid))), ',' order by t.oid)
             from ${bothTables(wallets)} t (oid))`;

const bothTables = ({ schema, credentialsTable, vaultTable }: Wallets): string =>
  `unnest(array[${[credentialsTable, vaultTable].map((table) => quoteLiteral(quoteQualified(schema, table))).join(", ")}]::regclass[])`;

/** Columns of what `move` returns, in the order in which `verifyMove` has them as parameters; a seed comes after them. */
export const verified = ["ids", "stored", "source_digests", "vault_digests", "wallet_ctids", "vault_ctids"] as const;

/**
 * SQL that reads the wallets of a move again, after all triggers and deferred constraints, with a snapshot of its own. One row:
 * `changed`, the number of wallets that are gone or not as they were judged and written; `rewritten`, the number of their rows
 * that a trigger wrote once more.
 */
export function verifyMove(wallets: Wallets, stateSql: WalletStateSql): string {
  const credentials = quoteQualified(wallets.schema, wallets.credentialsTable);
  const judged = `(select x.id, x.metadata, x.vault_stored, x.ctid as row_ctid, f.stored as should, f.source_digest as source_was, f.vault_digest as vault_was
                     from unnest($1, $2, $3, $4) as f (id, stored, source_digest, vault_digest)
                     join ${credentials} x on x.id = f.id)`;
  return `select cardinality($1) - count(*) filter (where (w.state = 'stored') = c.should
                     and c.vault_stored is not distinct from c.should and not w.flag_wrong
                     and w.source_digest = c.source_was and w.vault_digest is not distinct from c.vault_was) as changed,
           count(*) filter (where (c.row_ctid in (select unnest($5))) is not true)
             + count(*) filter (where c.should and (v.row_ctid in (select unnest($6))) is not true) as rewritten
      from ${stateSql.from({ credentials: judged, perRowLookup: true, seed: "$7" })}`;
}
