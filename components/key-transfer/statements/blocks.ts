import { literal, qualified } from "../../postgres/identifiers";
import {
  deadlockDetected,
  lockNotAvailable,
  queryCanceled,
  serializationFailure,
  transient,
} from "../../postgres/sqlstate";
import type { Standing } from "../standing";
import type { Wallets } from "../wallets";
import type { BatchPlan } from "./batch";
import { move, moveCounts, undone } from "./move";

// DO blocks, because only an exception handler inside the server keeps a refused row out of the server's log:
// PostgreSQL writes the whole row, key included, into the DETAIL of an error that reaches the client. Each leaves a
// BatchResult as JSON in the setting wallet_vault.batch.

/** Refusals told one by one in a block; the others are counted. */
const toldPerBlock = 20;

/** Our own SQLSTATE: something changed a key or a flag on its way, or kept it out without a word. */
export const changedOnItsWay = "WV001";

/** OTHERS alone lets two kinds of errors through, with their text: a trigger's ASSERT may have put a key into it. */
const caught = "exception when others or assert_failure or query_canceled then";

/**
 * Passing troubles (a deadlock, a lock timeout, a full disk, a server going down) are the caller's to retry. They leave
 * without their text: a trigger may raise them too, and what it says would go to the server's log.
 */
const passOn = `if sqlstate ~ '${transient}' or sqlstate = '${queryCanceled}' then
      raise exception using errcode = sqlstate, message = 'wallet-vault: to be tried again';
    end if;`;

/** What a session prepares once, so that no batch has to be parsed and planned: a tenth of the time it takes. */
export function preparedMoves(wallets: Wallets, by: Standing): string {
  const range = "c.ctid >= $1 and c.ctid < $2 and get_byte(tidsend(c.ctid), 5) % $4 = $3";
  const prepare = (patient: boolean): string =>
    `prepare ${moveName(patient)} (tid, tid, int4, int4, int8) as ${move(wallets, by, range, patient, "$5")}`;
  return `deallocate all; ${prepare(true)}; ${prepare(false)}; set plan_cache_mode = force_generic_plan`;
}

const moveName = (patient: boolean): string => `wallet_vault_move_${patient ? "patient" : "hurried"}`;

/** Moves a batch in one statement; the result is `null` where the database refused it, and then nothing was changed. */
export function together(wallets: Wallets, by: Standing, plan: BatchPlan): string {
  const { from, to } = plan.range;
  const which = `'(${from},0)', '(${to},0)', ${plan.lane}, ${plan.lanes}, ${plan.most ?? "null"}`;
  return `do ${literal(`
#variable_conflict use_column
declare
  done record;
  result jsonb;
begin
  begin
    execute ${literal(`execute ${moveName(plan.patient)} (${which})`)} into done;
    ${proof(wallets, by)}
    result := jsonb_build_object(${moveCounts.map((name) => `'${name}', done.${name}`).join(", ")}, 'refused', 0, 'refusals', '[]'::jsonb);
  ${caught}
    ${passOn}
    result := 'null';
  end;
  perform set_config('wallet_vault.batch', result::text, true);
end`)}`;
}

/** Moves the wallets of a batch one by one, each as if it were alone; what the database refuses is counted and told. */
export function singly(wallets: Wallets, by: Standing, plan: BatchPlan): string {
  const credentials = qualified(wallets.schema, wallets.credentialsTable);
  const vault = qualified(wallets.schema, wallets.vaultTable);
  return `do ${literal(`
#variable_conflict use_column
declare
  done record;
  wallet record;
  ${moveCounts.map((name) => `total_${name} int8 := 0;`).join(" ")}
  refused int8 := 0;
  refusals jsonb := '[]';
  refused_by text;
begin
  for wallet in
    select c.id from ${by.from({ oneByOne: true })} where ${inRange(plan)} and ${by.concerned} and w.needs_work
  loop
    begin
      ${move(wallets, by, "c.id = wallet.id", plan.patient && !plan.leaveLocked)} into done;
      ${proof(wallets, by)}
      ${moveCounts.map((name) => `total_${name} := total_${name} + done.${name};`).join(" ")}
    ${caught}
      ${plan.leaveLocked ? `if sqlstate in ('${heldUp.join("', '")}') then continue; end if;` : ""}
      ${passOn}
      get stacked diagnostics refused_by = constraint_name;
      refused := refused + 1;
      if refused <= ${toldPerBlock} then
        -- A trigger may put any text into its error; only the name of a real constraint is told.
        refusals := refusals || jsonb_build_object('id', wallet.id::text, 'sqlstate', sqlstate, 'constraint',
          (select k.conname from pg_constraint k
            where k.conname = refused_by
              and k.conrelid in (${literal(credentials)}::regclass, ${literal(vault)}::regclass) limit 1));
      end if;
      -- What is not in the vault must not be flagged, refused or not.
      begin
        update ${credentials} c set vault_stored = false
         where c.id = wallet.id and c.vault_stored
           and not exists (select from ${vault} v where v.credential_id = c.id and not ${by.isEmptyRow("v")});
        if found then total_flags_cleared := total_flags_cleared + 1; end if;
        set constraints all immediate;
      ${caught}
        ${passOn}
      end;
    end;
  end loop;
  perform set_config('wallet_vault.batch', jsonb_build_object(
    ${moveCounts.map((name) => `'${name}', total_${name}`).join(", ")}, 'refused', refused, 'refusals', refusals)::text, true);
end`)}`;
}

const heldUp = [lockNotAvailable, deadlockDetected, serializationFailure];

/**
 * Undoes a move where a key is not in the vault as it is in the source, a deferred constraint objects, or a trigger that
 * ran after the comparison changed what was compared.
 */
function proof(wallets: Wallets, by: Standing): string {
  const refuse = `then raise exception using errcode = '${changedOnItsWay}'; end if;`;
  return `if done.unequal > 0 ${refuse}
    set constraints all immediate;
    ${by.shape.afterTriggers ? `if ${undone(wallets, by, "done.stored")} ${refuse}` : ""}`;
}

function inRange({ range, lane, lanes }: BatchPlan): string {
  const blocks = `c.ctid >= '(${range.from},0)' and c.ctid < '(${range.to},0)'`;
  return lanes > 1 ? `${blocks} and get_byte(tidsend(c.ctid), 5) % ${lanes} = ${lane}` : blocks;
}
