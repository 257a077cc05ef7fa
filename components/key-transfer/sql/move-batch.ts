import { caught } from "../../postgres/guarded-block";
import { quoteLiteral } from "../../postgres/quote";
import type { WalletStateSql } from "../wallet-state";
import type { Wallets } from "../wallets";
import {
  block,
  blockSetting,
  checkedMove,
  isTransientSql,
  moveVariables,
  preparedReplaced,
  seedSetting,
} from "./do-block";
import { move, moveCounts } from "./move";

const moveName = (waitForLocks: boolean): string => `wallet_vault_move_${waitForLocks ? "patient" : "hurried"}`;

/** The statements that a session prepares once. Parsing and planning took a tenth of a batch's time. */
export function preparedMoves(wallets: Wallets, stateSql: WalletStateSql): string {
  const which = "c.ctid >= $1 and c.ctid < $2 and get_byte(tidsend(c.ctid), 5) % $4 = $3";
  const prepare = (waitForLocks: boolean): string =>
    `prepare ${moveName(waitForLocks)} (tid, tid, int4, int4, int8, int8) as ${move(wallets, stateSql, { which, waitForLocks, most: "$5", seed: "$6" })}`;
  return `deallocate all; ${prepare(true)}; ${prepare(false)}; set plan_cache_mode = force_generic_plan`;
}

/**
 * SQL of the names of our prepared statements in this session, each with the time it was prepared. A trigger may deallocate one
 * and prepare another of that name, and a rollback does not undo that; but the time then differs.
 */
export const preparedSoFar = `(select string_agg(concat_ws(' ', p.name, extract(epoch from p.prepare_time)), ',' order by p.name)
             from pg_prepared_statements p where p.name in ('${moveName(true)}', '${moveName(false)}'))`;

/**
 * Moves a batch in one statement. The result is `{"again": <SQLSTATE>}` where a second try may help, and `{"refused": true}`
 * where the database refused the batch. In both cases nothing was changed.
 */
export function moveBatch(wallets: Wallets, stateSql: WalletStateSql, waitForLocks: boolean): string {
  const types = { from: "tid", to: "tid", lane: "int4", lanes: "int4", most: "int8" } as const;
  const given = Object.entries(types).map(([name, type]) => blockSetting(name as keyof typeof types, type));
  const execute = `execute ${moveName(waitForLocks)} (${given.join(", ")}, current_setting('${seedSetting}')::int8)`;
  const run = `if ${preparedSoFar} is distinct from ${blockSetting("prepared", "text")} then raise exception using errcode = '${preparedReplaced}'; end if;
    execute ${quoteLiteral(execute)} into move_result;`;
  return block(`
declare
  result jsonb;
  ${moveVariables}
begin
  begin
    ${checkedMove(wallets, stateSql, run)}
    result := jsonb_build_object(${moveCounts.map((name) => `'${name}', move_result.${name}`).join(", ")});
  ${caught}
    result := case when ${isTransientSql} then jsonb_build_object('again', sqlstate) else jsonb_build_object('refused', true) end;
  end;
  perform set_config('wallet_vault.batch', result::text, true);
end`);
}
