import { roundVariables, untilNothingIsPutOff } from "../../postgres/guarded-block";
import { quoteLiteral } from "../../postgres/quote";
import { queryCanceled, transient } from "../../postgres/sqlstate";
import type { WalletStateSql } from "../wallet-state";
import type { Wallets } from "../wallets";
import { formOf, rowsWritten, verifyMove } from "./verify-move";

// A batch runs as a DO block (move-batch.ts, move-row-by-row.ts), because only an exception handler inside the server keeps a
// refused row out of the server's log: PostgreSQL writes the whole row, key included, into the DETAIL of an error that reaches
// the client. A block reads its arguments from settings of the transaction, so that its text is always the same, and leaves a
// BatchResult as JSON in the setting wallet_vault.batch. No error leaves a block, not even one that may pass: a trigger may
// raise that as well, with a key for its text.

/** Our own SQLSTATEs. A trigger or rule changed a key or a flag on its way, or kept it out silently. */
export const modifiedByTrigger = "WV001";
/** A trigger or rule wrote other rows of the two tables, whose keys nobody compared. */
export const otherRowsWritten = "WV002";
/** A prepared statement of the session was replaced: a new session has to do the batch. */
export const preparedReplaced = "WV003";

/** The setting with a random number of this process, on which digests depend. */
export const seedSetting = "wallet_vault.seed";
/** The arguments of a block, each a setting `wallet_vault.<name>`; see batch.ts. */
export const blockSettings = ["from", "to", "lane", "lanes", "most", "most_ms", "ids", "leave", "prepared"] as const;
export const blockSetting = (name: (typeof blockSettings)[number], type: string): string =>
  `nullif(current_setting('wallet_vault.${name}'), '')::${type}`;

/** A variable beside a user's table must be written `block.name`: a column of that name would be meant otherwise. */
export const block = (body: string): string =>
  `do ${quoteLiteral(`\n#variable_conflict use_column\n<<block>>${body}`)}`;

/** Errors that may pass: a deadlock, a lock timeout, a full disk, a statement that somebody cancelled. */
export const isTransientSql = `(sqlstate ~ '${transient}' or sqlstate in ('${queryCanceled}', '${preparedReplaced}'))`;

/** Declarations of `checkedMove`. */
export const moveVariables = `move_result record; check_result record; before int8; form text; written int8; extra int8; ${roundVariables}
  seed int8 := current_setting('${seedSetting}')::int8;`;

/**
 * PL/pgSQL that makes a move and checks it once all deferred constraints and triggers have run. It raises an error, which undoes the
 * move, where a key in the vault differs from its source, where a trigger changed what was judged, or where a trigger wrote rows
 * that the move does not know. Before the switch back to our own settings nothing is evaluated.
 *
 * Where the server counted no written row of the two tables beside our own, the rows are as our statement returned them.
 * Otherwise a second statement, which sees what triggers left, reads all wallets again. So it does where a flag was cleared: an
 * application may have added the key while the move waited for the wallet.
 *
 * @param run PL/pgSQL that leaves the row that `move` returns in `move_result`
 */
export function checkedMove(wallets: Wallets, stateSql: WalletStateSql, run: string): string {
  const refuse = (sqlstate: string): string => `then raise exception using errcode = '${sqlstate}'; end if;`;
  return `before := ${rowsWritten(wallets)}; form := ${formOf(wallets)}; extra := 0;
    ${run}
    ${untilNothingIsPutOff(modifiedByTrigger)}
    if ${formOf(wallets)} is distinct from form ${refuse(otherRowsWritten)}
    if move_result.unequal > 0 ${refuse(modifiedByTrigger)}
    written := ${rowsWritten(wallets)} - before;
    if written <> move_result.rows_written or false = any (move_result.stored) or current_setting('track_counts') <> 'on' then
      ${verifyMove(wallets, stateSql, "move_result", "block.seed")} into check_result;
      if check_result.changed > 0 ${refuse(modifiedByTrigger)}
      if written > move_result.rows_written + check_result.rewritten + extra ${refuse(otherRowsWritten)}
    end if;`;
}
