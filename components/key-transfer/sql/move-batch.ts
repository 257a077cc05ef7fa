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
import { marks } from "./verify-move";

const moveName = (waitForLocks: boolean): string => `wallet_vault_move_${waitForLocks ? "patient" : "hurried"}`;
const marksName = "wallet_vault_marks";

/**
 * The statements that a session prepares once, to be sent one by one: PostgreSQL keeps the whole message with each, and copies
 * it whenever somebody asks for what is prepared. Parsing and planning took a tenth of a batch's time.
 */
export function preparedMoves(wallets: Wallets, stateSql: WalletStateSql): string[] {
  const which = "c.ctid >= $1 and c.ctid < $2 and get_byte(tidsend(c.ctid), 5) % $4 = $3";
  const prepare = (waitForLocks: boolean): string =>
    `prepare ${moveName(waitForLocks)} (tid, tid, int4, int4, int8, int8) as ${move(wallets, stateSql, { which, waitForLocks, most: "$5", seed: "$6" })}`;
  return ["deallocate all", prepare(true), prepare(false), `prepare ${marksName} as ${marks(wallets)}`];
}

/**
 * SQL of the names of our prepared statements in this session, each with the time it was prepared. A trigger may deallocate one
 * and prepare another of that name, and a rollback does not undo that; but the time then differs.
 */
export const preparedSoFar = `(select string_agg(p.name || ' ' || extract(epoch from p.prepare_time), ',' order by p.name)
             from pg_prepared_statement() p where p.name ^@ 'wallet_vault_')`;

/**
 * Moves a batch in one statement. The result is `{"again": <SQLSTATE>}` where a second try may help, and `{"refused": true}`
 * where the database refused the batch. In both cases nothing was changed.
 */
export function moveBatch(wallets: Wallets, stateSql: WalletStateSql, waitForLocks: boolean): string {
  const types = { from: "tid", to: "tid", lane: "int4", lanes: "int4", most: "int8" } as const;
  const given = Object.entries(types).map(([name, type]) => blockSetting(name as keyof typeof types, type));
  const execute = `execute ${moveName(waitForLocks)} (${given.join(", ")}, current_setting('${seedSetting}')::int8)`;
  const run = `if ${preparedSoFar} is distinct from block.prepared then raise exception using errcode = '${preparedReplaced}'; end if;
    execute ${quoteLiteral(execute)} into move_result;`;
  // Triggers have run by then, and may have replaced it.
  const look = `execute case when ${preparedSoFar} = block.prepared then 'execute ${marksName}'
      else ${quoteLiteral(marks(wallets))} end into left_behind;`;
  return moveBlock(wallets, stateSql, run, look);
}

/**
 * Clears the flags of a plan's wallets that have no key in the vault, and changes nothing else. The result is as `moveBatch`
 * has it.
 */
export function clearFlags(wallets: Wallets, stateSql: WalletStateSql): string {
  const which = `c.ctid >= ${blockSetting("from", "tid")} and c.ctid < ${blockSetting("to", "tid")}
         and get_byte(tidsend(c.ctid), 5) % ${blockSetting("lanes", "int4")} = ${blockSetting("lane", "int4")}`;
  const run = move(wallets, stateSql, { which, waitForLocks: false, seed: "block.seed", flagsOnly: true });
  return moveBlock(wallets, stateSql, `${run} into move_result;`, `${marks(wallets)} into left_behind;`);
}

const moveBlock = (wallets: Wallets, stateSql: WalletStateSql, run: string, look: string): string =>
  block(`
declare
  result jsonb;
  prepared text := ${blockSetting("prepared", "text")};
  ${moveVariables}
begin
  begin
    ${checkedMove(wallets, stateSql, run, look)}
    result := jsonb_build_object(${moveCounts.map((name) => `'${name}', move_result.${name}`).join(", ")});
  ${caught}
    result := case when ${isTransientSql} then jsonb_build_object('again', sqlstate) else jsonb_build_object('refused', true) end;
  end;
  perform set_config('wallet_vault.batch', result::text, true);
end`);
