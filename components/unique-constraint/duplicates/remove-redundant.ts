import type { Client } from "../../postgres/connection";
import { type GuardedBlock, roundVariables, runGuarded, untilNothingIsPutOff } from "../../postgres/guarded-block";
import { quoteLiteral, quoteQualified } from "../../postgres/quote";
import { toRoleSettings } from "../../postgres/role-settings";
import { shapeOf } from "./compared-columns";
import { reaching } from "./dependents";
import { digestOf, duplicateCtids, judgedRows, type RedundancyRule } from "./redundant-rows";

/** Our own SQLSTATEs: a trigger or a rule kept a row that was to go; … */
export const rowKept = "WV011";
/** … or changed rows that were to stay; … */
export const otherRowsChanged = "WV012";
/** … or the table is not what it was when it was looked at, or a delete reaches further by now. */
export const tableChanged = "WV013";

/** Ids that are told one by one. */
const told = 20;

/** What was done, or why nothing was: ids and counts only. */
export interface Removal {
  /** Values of the columns whose rows are not copies of each other. Where there are any, nothing was removed. */
  readonly differing: number;
  readonly differingIds: readonly string[];
  readonly credentials: number;
  readonly placeholders: number;
  readonly copies: number;
  /** The first few. */
  readonly removed: readonly { readonly id: string; readonly placeholders: number; readonly copies: number }[];
}

/**
 * Locks the rows, judges them as they are then, and removes what is redundant: all of it, or nothing at all.
 *
 * @throws CaughtError with `rowKept`, `otherRowsChanged`, `tableChanged`, or whatever the database refused it with
 */
export const removeRedundant = (client: Client, of: RedundancyRule): Promise<Removal> =>
  runGuarded<Removal>(client, removal(of));

function removal(of: RedundancyRule): GuardedBlock {
  const { oid } = of.table;
  const rows = quoteQualified(of.table.schema, of.table.name);
  // Of the whole transaction, as the server counts them; 0 where it does not (track_counts).
  const written = `pg_stat_get_xact_tuples_inserted(${oid}::oid) + pg_stat_get_xact_tuples_updated(${oid}::oid)
                   + pg_stat_get_xact_tuples_deleted(${oid}::oid)`;
  const raise = (sqlstate: string) => `raise exception using errcode = '${sqlstate}';`;
  return {
    own: [rowKept, otherRowsChanged, tableChanged],
    declare: `
  row_ctids tid[];
  judged record;
  stayed record;
  stays record;
  gone int8;
  file oid;
  ${roundVariables}
  written_before int8;
  seed int8 := hashtextextended(gen_random_uuid()::text, 0);`,
    work: `
    set local enable_tidscan = on;
    written_before := ${written};
    file := pg_relation_filenode(${oid}::oid);
    select array_agg(l.row_ctid) into row_ctids from (${duplicateCtids(of, true)}) l;
    -- A statement of its own, so that it sees what was committed while the locks were waited for.
    with ${judgedRows(of, "select unnest(block.row_ctids) as row_ctid")}
    select count(distinct j.kept_ctid) filter (where j.differing) as differing,
           array(select distinct d.id from judged d where d.differing order by 1 limit ${told}) as differing_ids,
           coalesce(array_agg(j.row_ctid) filter (where j.redundant), '{}') as doomed,
           coalesce(array_agg(j.row_ctid) filter (where not j.redundant), '{}') as staying,
           count(*) filter (where j.redundant and j.empty) as placeholders,
           count(*) filter (where j.redundant and not j.empty) as copies,
           count(distinct j.kept_ctid) filter (where j.redundant) as credentials,
           (select coalesce(jsonb_agg(to_jsonb(t) order by t.id), '[]')
              from (select r.id, count(*) filter (where r.empty) as placeholders, count(*) filter (where not r.empty) as copies
                      from judged r where r.redundant group by r.id order by r.id limit ${told}) t) as removed
      into judged from judged j;
    if judged.differing = 0 and cardinality(judged.doomed) > 0 then
      ${digestOf(of, "block.judged.staying", "block.seed")} into stayed;
      -- The users' triggers get the role's settings, statement-level ones too: the delete runs when its count is asked for.
      with users as materialized (
        select ${toRoleSettings}
      ), gone as (
        delete from ${rows} r where r.ctid = any (block.judged.doomed) and exists (select from users) returning 1
      )
      select g.n into gone
        from users u
       cross join lateral (select count(*) as n from gone where u.role_search_path is not null offset 0) g;
      ${untilNothingIsPutOff(otherRowsChanged)}
      -- Our locks keep what is found now as it is: since the first statement the columns, since the delete the rest.
      if ${shapeOf(of.table)} is distinct from ${quoteLiteral(of.shape)} or exists (${reaching(`${oid}::oid`)}) then
        ${raise(tableChanged)}
      end if;
      if pg_relation_filenode(${oid}::oid) <> file then ${raise(otherRowsChanged)} end if;
      if gone <> cardinality(judged.doomed) then ${raise(rowKept)} end if;
      ${digestOf(of, "block.judged.staying", "block.seed")} into stays;
      if stays.present <> stayed.present or stays.digest is distinct from stayed.digest
         or ${written} - written_before > gone then ${raise(otherRowsChanged)} end if;
    end if;
    result := jsonb_build_object('differing', judged.differing, 'differingIds', judged.differing_ids,
      'credentials', judged.credentials, 'placeholders', judged.placeholders, 'copies', judged.copies, 'removed', judged.removed);`,
  };
}
