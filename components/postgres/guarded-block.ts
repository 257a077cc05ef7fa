import type { Client } from "pg";
import { CaughtError } from "./errors";
import { literal } from "./identifiers";
import { backToOwnSettings, ownSettings } from "./role-settings";
import { isStandard, raiseException } from "./sqlstate";

// Whatever writes rows that hold keys runs in a DO block with an exception handler: PostgreSQL puts the whole row, key
// included, into the DETAIL of an error that reaches the client, and then into the server's log; a trigger may raise any text,
// also a key. What leaves the block is a SQLSTATE, and the name of a constraint if the catalog knows it.

/** OTHERS alone lets two kinds of errors through, with their text: a trigger's ASSERT may have put a key into it. */
export const caught = "exception when others or assert_failure or query_canceled then";

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
    get stacked diagnostics refused_by = constraint_name;
    result := jsonb_build_object('caught', sqlstate, 'constraint',
      (select k.conname from pg_constraint k where k.conname = block.refused_by limit 1));
  end;
  perform set_config('wallet_vault.result', result::text, true);
end`;
  try {
    const answers = (await client.query(
      // Our own settings before and after: a trigger may have set the search path for the whole session.
      `begin isolation level read committed read write; ${backToOwnSettings} do ${literal(body)};
       select current_setting('wallet_vault.result')::json as result; commit; ${ownSettings}`,
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
