import { caught, keepRefusedBy, roundVariables, untilNothingIsPutOff } from "../../postgres/guarded-block";
import { quoteLiteral, quoteQualified } from "../../postgres/quote";
import { backToOwnSettings } from "../../postgres/role-settings";
import {
  deadlockDetected,
  lockNotAvailable,
  queryCanceled,
  stringTruncation,
  transient,
  triggeredDataChange,
  uniqueViolation,
} from "../../postgres/sqlstate";
import type { WalletStateSql } from "../wallet-state";
import type { Wallets } from "../wallets";
import { move, moveCounts, setFlagApart } from "./move";
import { formOf, rowsWritten, verifyMove } from "./verify-move";

// DO blocks, because only an exception handler inside the server keeps a refused row out of the server's log:
// PostgreSQL writes the whole row, key included, into the DETAIL of an error that reaches the client. Each takes what it
// should do from settings of the transaction, so that its text is always the same, and leaves a BatchResult as JSON in the
// setting wallet_vault.batch. No error leaves a block, not even a passing one: a trigger may raise that as well, with a
// key for its text.

/** Refusals told one by one in a block; the others are counted. */
const toldPerBlock = 20;

/** Tries of one wallet: between two of them somebody else's commit may have changed what is true of it. */
const triesPerWallet = 3;

/** Our own SQLSTATEs: a trigger or rule changed a key or a flag on its way, or kept it out without a word; … */
export const modifiedByTrigger = "WV001";
/** … or wrote other rows of the two tables, which nothing could vouch for. */
export const otherRowsWritten = "WV002";
/** What a session prepared is no longer what it was: a new session has to do the batch. */
export const preparedReplaced = "WV003";

const moveName = (waitForLocks: boolean): string => `wallet_vault_move_${waitForLocks ? "patient" : "hurried"}`;

/** What a session prepares once, so that no batch has to be parsed and planned: a tenth of the time it takes. */
export function preparedMoves(wallets: Wallets, stateSql: WalletStateSql): string {
  const which = "c.ctid >= $1 and c.ctid < $2 and get_byte(tidsend(c.ctid), 5) % $4 = $3";
  const prepare = (waitForLocks: boolean): string =>
    `prepare ${moveName(waitForLocks)} (tid, tid, int4, int4, int8, int8) as ${move(wallets, stateSql, { which, waitForLocks, most: "$5", seed: "$6" })}`;
  return `deallocate all; ${prepare(true)}; ${prepare(false)}; set plan_cache_mode = force_generic_plan`;
}

/**
 * SQL that names our prepared statements of this session and when each was prepared. A trigger may deallocate ours and prepare another
 * of that name, and no rollback takes it back; but not at the same instant.
 */
export const preparedSoFar = `(select string_agg(concat_ws(' ', p.name, extract(epoch from p.prepare_time)), ',' order by p.name)
             from pg_prepared_statements p where p.name in ('${moveName(true)}', '${moveName(false)}'))`;

/** A number of this process's own that digests depend on. */
export const seedSetting = "wallet_vault.seed";
/** What a block should do; see batch.ts. */
export const orders = ["from", "to", "lane", "lanes", "most", "leave", "prepared"] as const;
const orderSql = (name: (typeof orders)[number], type: string): string =>
  `nullif(current_setting('wallet_vault.${name}'), '')::${type}`;

/**
 * Moves a batch in one statement. Its result is `{"again": <SQLSTATE>}` where a second try may help, `{"refused": true}`
 * where the database refused the batch; then nothing was changed.
 */
export function moveBatch(wallets: Wallets, stateSql: WalletStateSql, waitForLocks: boolean): string {
  const orderTypes = { from: "tid", to: "tid", lane: "int4", lanes: "int4", most: "int8" } as const;
  const given = Object.entries(orderTypes).map(([name, type]) => orderSql(name as keyof typeof orderTypes, type));
  const run = `execute ${moveName(waitForLocks)} (${given.join(", ")}, current_setting('${seedSetting}')::int8)`;
  return block(`
declare
  done record;
  seen record;
  result jsonb;
  ${proofVariables}
  seed int8 := current_setting('${seedSetting}')::int8;
begin
  begin
    ${rememberBefore(wallets)}
    if ${preparedSoFar} is distinct from ${orderSql("prepared", "text")} then raise exception using errcode = '${preparedReplaced}'; end if;
    execute ${quoteLiteral(run)} into done;
    ${checkMove(wallets, stateSql)}
    result := jsonb_build_object(${moveCounts.map((name) => `'${name}', done.${name}`).join(", ")});
  ${caught}
    result := case when ${isTransientSql} then jsonb_build_object('again', sqlstate) else jsonb_build_object('refused', true) end;
  end;
  perform set_config('wallet_vault.batch', result::text, true);
end`);
}

/**
 * Moves the wallets of a batch one by one, each as if it were alone; what the database refuses is counted and told.
 *
 * `wallet_vault.leave` says what else may not stop it: empty, nothing, and `again` tells the first passing trouble;
 * `errors`, passing troubles but locks, which are refusals then; `locks`, these too: nothing is waited for, and wallets that
 * others hold up are told with `lock_not_available`.
 */
export function moveRowByRow(wallets: Wallets, stateSql: WalletStateSql, waitForLocks: boolean): string {
  const credentials = quoteQualified(wallets.schema, wallets.credentialsTable);
  const vault = quoteQualified(wallets.schema, wallets.vaultTable);
  const inRange = `c.ctid >= ${orderSql("from", "tid")} and c.ctid < ${orderSql("to", "tid")}
         and get_byte(tidsend(c.ctid), 5) % ${orderSql("lanes", "int4")} = ${orderSql("lane", "int4")}`;
  // Blanks beyond the column's length are cut without a word, which would look like a trigger's work.
  const { keyLength } = stateSql.schemaFacts;
  const cause =
    keyLength === null
      ? "sqlstate"
      : `case when sqlstate = '${modifiedByTrigger}' and exists (
               select from ${stateSql.from({ perRowLookup: true })} where c.id = wallet.id and char_length(w.source) > ${keyLength})
             then '${stringTruncation}' else sqlstate end`;
  const one = { which: "c.id = wallet.id", waitForLocks, seed: "seed" };
  return block(`
declare
  done record;
  seen record;
  wallet record;
  ${proofVariables}
  seed int8 := current_setting('${seedSetting}')::int8;
  leave text := current_setting('wallet_vault.leave');
  again text;
  tries int4;
  last_resort boolean;
  apart boolean;
  flagged record;
  ${moveCounts.map((name) => `total_${name} int8 := 0;`).join(" ")}
  refused int8 := 0;
  refusals jsonb := '[]';
  refused_by text;
begin
  for wallet in
    select c.id from ${stateSql.from({ perRowLookup: true })} where ${inRange} and ${stateSql.inScope} and w.needs_work
  loop
    tries := 0;
    last_resort := false;
    apart := false;
    loop
      tries := tries + 1;
      begin
        ${rememberBefore(wallets)}
        ${move(wallets, stateSql, { ...one, assign: "last_resort", apart: "apart" })} into done;
        if apart then
          ${backToOwnSettings}
          if true = any (done.stored) then
            ${setFlagApart(wallets, stateSql, "wallet.id", "done.judged_places")} into flagged;
            set constraints all immediate;
            ${backToOwnSettings}
            done.flags_set := cardinality(flagged.places);
            done.rows_written := done.rows_written + cardinality(flagged.places);
            extra := flagged.was_moved;
            done.wallet_places := flagged.places;
          end if;
        end if;
        ${checkMove(wallets, stateSql)}
        ${moveCounts.map((name) => `total_${name} := total_${name} + done.${name};`).join(" ")}
        if leave = 'locks' and done.rows_written = 0 and exists (
          select from ${stateSql.from({ perRowLookup: true })} where c.id = wallet.id and w.needs_work
        ) then raise exception using errcode = '${lockNotAvailable}'; end if;
        exit;
      ${caught}
        if ${isTransientSql} and not (leave = 'locks' or leave = 'errors' and sqlstate not in ('${lockNotAvailable}', '${deadlockDetected}')) then
          again := sqlstate;
          exit;
        end if;
        -- Somebody else may have the id that it wants, by an index that compares in its own way or since a moment ago.
        last_resort := last_resort or sqlstate = '${uniqueViolation}';
        -- A trigger of the vault writes the wallet before we do, which one statement does not bear.
        apart := apart or sqlstate = '${triggeredDataChange}';
        if sqlstate in ('${uniqueViolation}', '${triggeredDataChange}', '${modifiedByTrigger}', '${otherRowsWritten}') and tries < ${triesPerWallet} then
          continue;
        end if;
        ${keepRefusedBy}
        refused := refused + (sqlstate <> '${lockNotAvailable}')::int4;
        if jsonb_array_length(refusals) < ${toldPerBlock} then
          -- A trigger may put any text into its error; only a name that the catalog knows is told.
          refusals := refusals || jsonb_build_object('id', wallet.id::text, 'sqlstate', ${cause}, 'constraint', ${knownNameSql("refused_by", credentials, vault)});
        end if;
        -- What is not in the vault must not be flagged, refused or not.
        begin
          ${rememberBefore(wallets)}
          ${move(wallets, stateSql, { ...one, flagsOnly: true })} into done;
          ${checkMove(wallets, stateSql)}
          total_flags_cleared := total_flags_cleared + done.flags_cleared;
        ${caught}
          null;
        end;
        exit;
      end;
    end loop;
    exit when again is not null;
  end loop;
  perform set_config('wallet_vault.batch', jsonb_build_object(
    ${moveCounts.map((name) => `'${name}', total_${name}`).join(", ")}, 'refused', refused, 'refusals', refusals, 'again', again)::text, true);
end`);
}

const block = (body: string): string => `do ${quoteLiteral(`\n#variable_conflict use_column${body}`)}`;

/** Troubles that may pass: a deadlock, a lock timeout, a full disk, a statement that somebody cancelled. */
const isTransientSql = `(sqlstate ~ '${transient}' or sqlstate in ('${queryCanceled}', '${preparedReplaced}'))`;

/** `constraint x` or `index x`, where it is one of the two tables or of a domain; null for any other text. */
const knownNameSql = (name: string, credentials: string, vault: string): string =>
  `(select k.kind || ' ' || k.name
            from (select 'constraint' as kind, k.conname as name from pg_constraint k
                   where k.conrelid in (0, ${quoteLiteral(credentials)}::regclass, ${quoteLiteral(vault)}::regclass)
                  union all
                  select 'index', x.relname from pg_index i join pg_class x on x.oid = i.indexrelid
                   where i.indrelid in (${quoteLiteral(credentials)}::regclass, ${quoteLiteral(vault)}::regclass)) k
           where k.name = ${name} order by k.kind limit 1)`;

const proofVariables = `before int8; form text; written int8; extra int8; ${roundVariables}`;

/** What `checkMove` compares with: taken before the move. */
const rememberBefore = (wallets: Wallets): string =>
  `before := ${rowsWritten(wallets)}; form := ${formOf(wallets)}; extra := 0;`;

/**
 * After a move: lets deferred constraints object, and undoes it where a key is not in the vault as it is in the source, or
 * where a trigger, whenever it ran, changed what was judged or wrote rows that were not looked at. The switch back to our
 * own settings comes first: up to there nothing is evaluated.
 *
 * Where the server counted no written row of the two tables besides our own, they are as our statement returned them. Else
 * all wallets are looked at once more, in a statement that sees what triggers left; and also where a flag was taken
 * back: an application may have brought the key while its wallet was waited for.
 */
function checkMove(wallets: Wallets, stateSql: WalletStateSql): string {
  const refuse = (sqlstate: string): string => `then raise exception using errcode = '${sqlstate}'; end if;`;
  return `${untilNothingIsPutOff(modifiedByTrigger)}
    if ${formOf(wallets)} is distinct from form ${refuse(otherRowsWritten)}
    if done.unequal > 0 ${refuse(modifiedByTrigger)}
    written := ${rowsWritten(wallets)} - before;
    if written <> done.rows_written or false = any (done.stored) or current_setting('track_counts') <> 'on' then
      ${verifyMove(wallets, stateSql, "done", "seed")} into seen;
      if seen.changed > 0 ${refuse(modifiedByTrigger)}
      if written > done.rows_written + seen.rewritten + extra ${refuse(otherRowsWritten)}
    end if;`;
}
