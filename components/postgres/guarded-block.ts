import type { Client } from "pg";
import { CaughtError } from "./errors";
import { quoteLiteral } from "./quote";
import { backToOwnSettings, ownSettings, toRoleSettings } from "./role-settings";
import { isStandard, raiseException } from "./sqlstate";

// Whatever writes rows that hold keys runs in a DO block with an exception handler: PostgreSQL puts the whole row, key
// included, into the DETAIL of an error that reaches the client, and then into the server's log; a trigger may raise any text,
// also a key. What leaves the block is a SQLSTATE, and the name of a constraint if the catalog knows it.

/** OTHERS alone lets two kinds of errors through, with their text: a trigger's ASSERT may have put a key into it. */
export const caught = "exception when others or assert_failure or query_canceled then";

/**
 * PL/pgSQL for a handler: keeps the constraint that an error names in `refused_by`, which may be any text, and have it
 * looked up as a parameter. As a constant of a plan it would be written down by auto_explain and debug_print_plan.
 */
export const keepRefusedBy = `get stacked diagnostics refused_by = constraint_name;
        set local plan_cache_mode = force_generic_plan;`;

/** Declarations of `untilNothingIsPutOff` and `runRounds`. */
export const roundVariables = "settled int8[]; rounds int4;";

/** Rounds of deferred triggers; more than a trigger needs that writes to a table with a deferred one, and so on. */
const mostRounds = 8;

/** Rows that this transaction has written so far, and the files of all tables: TRUNCATE sets a table's counts back. */
const writtenSoFar = `(select array[sum(pg_stat_get_xact_tuples_inserted(t.oid) + pg_stat_get_xact_tuples_updated(t.oid)
                        + pg_stat_get_xact_tuples_deleted(t.oid))::int8, sum(t.relfilenode::int8)::int8]
             from pg_class t where t.relkind in ('r', 'm', 'p'))`;

/** SQL of a boolean: whether some trigger can be put off, so that there may be rounds. */
export const anyDeferrable =
  "exists (select from pg_trigger t where t.tgdeferrable and not t.tgisinternal and t.tgenabled <> 'D')";

/** SQL of a boolean: whether there is a cursor WITH HOLD. It runs its query while the transaction commits. */
export const anyHeldCursor = "exists (select from pg_cursors c where c.is_holdable)";

/** PL/pgSQL that runs all constraints and triggers that are put off, once. Nothing of ours is evaluated before the switch back. */
export const runPutOff = `set constraints all immediate;
    ${backToOwnSettings}`;

/**
 * PL/pgSQL that goes on until no deferred trigger is left. A deferred trigger may put off what it sets off itself, with SET
 * CONSTRAINTS, up to the commit: it would run after whatever is looked at in the block, and outside of its handler. What runs
 * in a round writes a row somewhere, or it sets off nothing.
 *
 * @param tooMany SQLSTATE to raise where there is no end to it
 */
export const runRounds = (tooMany: string): string => `
      rounds := 0;
      loop
        settled := ${writtenSoFar};
        perform ${toRoleSettings};
        ${runPutOff}
        exit when ${writtenSoFar} = settled;
        rounds := rounds + 1;
        if rounds = ${mostRounds} then raise exception using errcode = '${tooMany}'; end if;
      end loop;`;

/**
 * PL/pgSQL that lets deferred constraints and triggers run, with the role's settings, until none is left.
 *
 * @param tooMany SQLSTATE to raise where there is no end to it, or where something is left to the commit
 */
export const untilNothingIsPutOff = (tooMany: string): string => `
    ${runPutOff}
    if ${anyDeferrable} then ${runRounds(tooMany)} end if;
    if ${anyHeldCursor} then raise exception using errcode = '${tooMany}'; end if;`;

export interface GuardedBlock {
  /** PL/pgSQL declarations. They are evaluated outside of the handler, so they must not read what users wrote. */
  readonly declare: string;
  /** PL/pgSQL statements that set `result` (jsonb) to an object without the key `caught`, and without any value worth hiding. */
  readonly work: string;
  /** SQLSTATEs that `work` raises itself, beside the standard ones. */
  readonly own: readonly string[];
}

/**
 * Runs the block in a transaction of its own and returns its `result`. Variables of the block are written `block.name`, so
 * that no column of a user's table can be meant. Its text should be the same at every run: pg_stat_statements keeps each.
 *
 * @throws CaughtError where anything in it failed; nothing was changed then
 */
export async function runGuarded<Result>(client: Client, { declare, work, own }: GuardedBlock): Promise<Result> {
  const body = `
#variable_conflict use_column
<<block>>
declare
  result jsonb;
  refused_by text;
  ${declare}
begin
  begin
    ${work}
  ${caught}
    ${keepRefusedBy}
    result := jsonb_build_object('caught', sqlstate, 'constraint',
      (select k.conname from pg_constraint k where k.conname = block.refused_by limit 1));
  end;
  perform set_config('wallet_vault.result', result::text, true);
end`;
  try {
    const answers = (await client.query(
      // Our own settings before and after: a trigger may have set the search path for the whole session.
      `begin isolation level read committed read write; ${backToOwnSettings} do ${quoteLiteral(body)};
       select current_setting('wallet_vault.result')::json as result; close all; commit; ${ownSettings}`,
    )) as unknown as { rows: { result?: Result | { caught: string; constraint: string | null } }[] }[];
    const result = answers.find(({ rows }) => rows[0]?.result !== undefined)?.rows[0]?.result;
    if (result === undefined) throw new TypeError("a block left no result");
    if (typeof result === "object" && result !== null && "caught" in result) {
      // A trigger may raise any five characters, even a key's.
      const known = isStandard(result.caught) || own.includes(result.caught);
      throw new CaughtError(known ? result.caught : raiseException, result.constraint);
    }
    return result as Result;
  } catch (error) {
    if (!(error instanceof CaughtError)) await client.query("rollback").catch(() => undefined);
    throw error;
  }
}
