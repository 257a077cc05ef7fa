import { caught, keepRefusedBy } from "../../postgres/guarded-block";
import { quoteLiteral, quoteQualified } from "../../postgres/quote";
import { backToOwnSettings } from "../../postgres/role-settings";
import {
  deadlockDetected,
  lockNotAvailable,
  stringTruncation,
  triggeredDataChange,
  uniqueViolation,
} from "../../postgres/sqlstate";
import type { WalletStateSql } from "../wallet-state";
import type { Wallets } from "../wallets";
import { block, blockSetting, checkedMove, isTransientSql, modifiedByTrigger, moveVariables } from "./do-block";
import { move, moveCounts, setFlagApart } from "./move";

/** Refusals that a block reports one by one. Further refusals are counted only. */
const toldPerBlock = 20;

/** Tries of one wallet: between two tries a commit of another session may have changed its state. */
const triesPerWallet = 3;

/**
 * Moves the wallets of a batch one by one, each as if it were alone. A wallet that the database refuses is counted and reported.
 *
 * After `wallet_vault.most_ms` milliseconds no further wallet is begun: the locks on those that are done would be held until the
 * slowest triggers have run for all. `rest` has the ids of the others, for the setting `wallet_vault.ids` of the next block. A
 * place in the table would not do: a refused wallet that lost its flag has a new place, and would be tried twice.
 *
 * `wallet_vault.leave` says what happens at an error that may pass. Empty: the block ends, and `again` has its SQLSTATE.
 * `errors`: the wallet is refused, but a lock ends the block. `locks`: the wallet is refused, also with
 * `lock_not_available`, and the block waits for no lock.
 */
export function moveRowByRow(wallets: Wallets, stateSql: WalletStateSql, waitForLocks: boolean): string {
  const credentials = quoteQualified(wallets.schema, wallets.credentialsTable);
  const vault = quoteQualified(wallets.schema, wallets.vaultTable);
  const inRange = `(block.ids is null or c.id::text = any (block.ids)) and c.ctid >= ${blockSetting("from", "tid")} and c.ctid < ${blockSetting("to", "tid")}
         and get_byte(tidsend(c.ctid), 5) % ${blockSetting("lanes", "int4")} = ${blockSetting("lane", "int4")}`;
  // PostgreSQL cuts blanks beyond the column's length silently, which would look like a trigger's change.
  const { keyLength } = stateSql.schemaFacts;
  const cause =
    keyLength === null
      ? "sqlstate"
      : `case when sqlstate = '${modifiedByTrigger}' and exists (
               select from ${stateSql.from({ perRowLookup: true })} where c.id = wallet.id and char_length(w.source) > ${keyLength})
             then '${stringTruncation}' else sqlstate end`;
  const one = { which: "c.id = wallet.id", waitForLocks, seed: "block.seed" };
  const moveOne = `${move(wallets, stateSql, { ...one, assign: "block.last_resort", flagApart: "block.flag_apart" })} into move_result;
        if flag_apart then
          ${backToOwnSettings}
          if true = any (move_result.stored) then
            ${setFlagApart(wallets, stateSql, "wallet.id", "move_result.judged_ctids")} into flagged;
            set constraints all immediate;
            ${backToOwnSettings}
            move_result.flags_set := cardinality(flagged.ctids);
            move_result.rows_written := move_result.rows_written + cardinality(flagged.ctids);
            extra := flagged.was_moved;
            move_result.wallet_ctids := flagged.ctids;
          end if;
        end if;`;
  return block(`
declare
  wallet record;
  ${moveVariables}
  leave text := current_setting('wallet_vault.leave');
  ids text[] := ${blockSetting("ids", "text[]")};
  ends_at timestamptz := clock_timestamp() + ${blockSetting("most_ms", "float8")} * interval '1 millisecond';
  rest text[];
  begun boolean := false;
  again text;
  tries int4;
  last_resort boolean;
  flag_apart boolean;
  flagged record;
  ${moveCounts.map((name) => `total_${name} int8 := 0;`).join(" ")}
  refused int8 := 0;
  refusals jsonb := '[]';
  refused_by text;
begin
  for wallet in
    select c.id from ${stateSql.from({ perRowLookup: true })} where ${inRange} and ${stateSql.inScope} and w.needs_work
  loop
    if block.begun and clock_timestamp() >= block.ends_at then
      rest := rest || wallet.id::text;
      continue;
    end if;
    begun := true;
    tries := 0;
    last_resort := false;
    flag_apart := false;
    loop
      tries := tries + 1;
      begin
        ${checkedMove(wallets, stateSql, moveOne)}
        ${moveCounts.map((name) => `total_${name} := total_${name} + move_result.${name};`).join(" ")}
        if leave = 'locks' and move_result.rows_written = 0 and exists (
          select from ${stateSql.from({ perRowLookup: true })} where c.id = wallet.id and w.needs_work
        ) then raise exception using errcode = '${lockNotAvailable}'; end if;
        exit;
      ${caught}
        if ${isTransientSql} and not (leave = 'locks' or leave = 'errors' and sqlstate not in ('${lockNotAvailable}', '${deadlockDetected}')) then
          again := sqlstate;
          exit;
        end if;
        -- Another row may have the wanted id: since a moment ago, or by an index that compares in its own way.
        last_resort := last_resort or sqlstate = '${uniqueViolation}';
        -- A trigger of the vault has written the wallet before our statement did, which PostgreSQL refuses in one statement.
        flag_apart := flag_apart or sqlstate = '${triggeredDataChange}';
        if sqlstate in ('${uniqueViolation}', '${triggeredDataChange}', '${modifiedByTrigger}') and tries < ${triesPerWallet} then
          continue;
        end if;
        ${keepRefusedBy}
        refused := refused + (sqlstate <> '${lockNotAvailable}')::int4;
        if jsonb_array_length(refusals) < ${toldPerBlock} then
          -- A trigger may put any text into its error: only a name that the catalog knows is reported.
          refusals := refusals || jsonb_build_object('id', wallet.id::text, 'sqlstate', ${cause}, 'constraint', ${knownNameSql("refused_by", credentials, vault)});
        end if;
        -- A wallet without a key in the vault must not keep its flag, also where the move was refused.
        begin
          ${checkedMove(wallets, stateSql, `${move(wallets, stateSql, { ...one, flagsOnly: true })} into move_result;`)}
          total_flags_cleared := total_flags_cleared + move_result.flags_cleared;
        ${caught}
          null;
        end;
        exit;
      end;
    end loop;
    exit when again is not null;
  end loop;
  perform set_config('wallet_vault.batch', jsonb_build_object(
    ${moveCounts.map((name) => `'${name}', total_${name}`).join(", ")}, 'refused', refused, 'refusals', refusals, 'again', again, 'rest', rest)::text, true);
end`);
}

/** `constraint x` or `index x`, where it is one of the two tables or of a domain; null for any other text. */
const knownNameSql = (name: string, credentials: string, vault: string): string =>
  `(select k.kind || ' ' || k.name
            from (select 'constraint' as kind, k.conname as name from pg_constraint k
                   where k.conrelid in (0, ${quoteLiteral(credentials)}::regclass, ${quoteLiteral(vault)}::regclass)
                  union all
                  select 'index', x.relname from pg_index i join pg_class x on x.oid = i.indexrelid
                   where i.indrelid in (${quoteLiteral(credentials)}::regclass, ${quoteLiteral(vault)}::regclass)) k
           where k.name = ${name} order by k.kind limit 1)`;
