import { quoteLiteral, quoteQualified } from "../../postgres/quote";
import type { WalletStateSql } from "../wallet-state";
import type { Wallets } from "../wallets";

/**
 * Rows of the two tables that this transaction has written so far, triggers' ones included, as the server counts them; 0
 * where it does not count (track_counts).
 */
export function rowsWritten(wallets: Wallets): string {
  const tables = [wallets.credentialsTable, wallets.vaultTable].map((table) =>
    quoteLiteral(quoteQualified(wallets.schema, table)),
  );
  return `(select sum(pg_stat_get_xact_tuples_inserted(t.oid) + pg_stat_get_xact_tuples_updated(t.oid)
                      + pg_stat_get_xact_tuples_deleted(t.oid))::int8
             from unnest(array[${tables.join(", ")}]::regclass[]) t (oid))`;
}

/**
 * What no count of rows tells of the two tables: the files they are kept in, which are others once a trigger truncates or rewrites
 * one, their columns, and tables that inherit from them.
 */
export function formOf(wallets: Wallets): string {
  const tables = [wallets.credentialsTable, wallets.vaultTable].map((table) =>
    quoteLiteral(quoteQualified(wallets.schema, table)),
  );
  return `(select string_agg(concat_ws(' ', pg_relation_filenode(t.oid),
                      (select hashtextextended(string_agg(concat_ws(' ', a.attnum, a.attname, a.atttypid, a.attisdropped), ',' order by a.attnum), 0)
                         from pg_attribute a where a.attrelid = t.oid),
                      (select count(*) from pg_inherits i where t.oid in (i.inhparent, i.inhrelid))), ',' order by t.oid)
             from unnest(array[${tables.join(", ")}]::regclass[]) t (oid))`;
}

/**
 * SQL that looks at the wallets of a move as all triggers and deferred constraints have left them, with a snapshot of its
 * own. One row: `changed`, wallets that are not as they were judged and written, or are gone; `rewritten`, rows of these
 * wallets that a trigger wrote once more.
 *
 * @param done SQL of the row that `move` returned
 */
export function verifyMove(wallets: Wallets, stateSql: WalletStateSql, done: string, seed: string): string {
  const credentials = quoteQualified(wallets.schema, wallets.credentialsTable);
  const judged = `(select x.id, x.metadata, x.vault_stored, x.ctid as place, f.stored as should, f.source_digest as source_was, f.vault_digest as vault_was
                     from unnest(${done}.ids, ${done}.stored, ${done}.source_digests, ${done}.vault_digests)
                            as f (id, stored, source_digest, vault_digest)
                     join ${credentials} x on x.id = f.id)`;
  return `select cardinality(${done}.ids) - count(*) filter (where (w.state = 'stored') = c.should
                     and c.vault_stored is not distinct from c.should and not w.flag_wrong
                     and w.source_digest = c.source_was and w.vault_digest is not distinct from c.vault_was) as changed,
           count(*) filter (where (c.place in (select unnest(${done}.wallet_places))) is not true)
             + count(*) filter (where c.should and (v.place in (select unnest(${done}.vault_places))) is not true) as rewritten
      from ${stateSql.from({ credentials: judged, perRowLookup: true, seed })}`;
}
