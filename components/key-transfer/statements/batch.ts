import type { Client } from "../../postgres/connection";
import { isConnectionLoss } from "../../postgres/errors";
import { literal, qualified } from "../../postgres/identifiers";
import {
  deadlockDetected,
  isStandard,
  lockNotAvailable,
  raiseException,
  serializationFailure,
} from "../../postgres/sqlstate";
import type { Standing } from "../standing";
import type { Wallets } from "../wallets";
import { move, moveCounts } from "./move";
import type { Range } from "./ranges";

/** A wallet that the database refused to move: its SQLSTATE, and the constraint where one was named. */
export interface Refusal {
  readonly id: string;
  readonly sqlstate: string;
  readonly constraint: string | null;
}

/** What a batch did. Counts. */
export interface BatchResult {
  readonly transferred: number;
  readonly repaired: number;
  readonly assigned: number;
  readonly flags_set: number;
  readonly flags_cleared: number;
  readonly refused: number;
  /** The first few of them. */
  readonly refusals: readonly Refusal[];
}

export interface BatchPlan {
  readonly range: Range;
  /** Only the wallets of one lane out of `lanes`; see sweep.ts. */
  readonly lane: number;
  readonly lanes: number;
  readonly patient: boolean;
  /** True: wallet by wallet, and those whose lock is not to be had are left as they are. Default false. */
  readonly leaveLocked?: boolean;
}

/** Refusals told one by one in a batch; the others are counted. */
const toldPerBatch = 20;

/** Our own SQLSTATE: something changed a key on its way into the vault, or kept it out without a word. */
export const changedOnItsWay = "WV001";

/**
 * Passing troubles (a deadlock, a lock timeout, a full disk, a server going down) are the caller's to retry. They leave
 * without their text: a trigger may raise them too, and what it says would go to the server's log.
 */
const passOn = `if sqlstate ~ '^(40(00[0123]|P01)|53[01234]00|55P03|57P0[1-5]|58(000|030|P0[12])|XX00[012])$' then
      raise exception using errcode = sqlstate, message = 'wallet-vault: to be tried again';
    end if;`;

/**
 * Moves one batch in one transaction; where the database refuses it, its wallets one by one in another.
 *
 * Both run as DO blocks, because only an exception handler inside the server keeps a refused row out of the server's
 * log: PostgreSQL writes the whole row, key included, into the DETAIL of an error that reaches the client.
 */
export async function runBatch(client: Client, wallets: Wallets, by: Standing, plan: BatchPlan): Promise<BatchResult> {
  const together = plan.leaveLocked ? null : await runBlock(client, togetherBlock(wallets, by, plan));
  const result = together ?? (await runBlock(client, singlyBlock(wallets, by, plan))) ?? nothing;
  return { ...result, refusals: result.refusals.map((one) => ({ ...one, sqlstate: standard(one.sqlstate) })) };
}

/** A trigger may raise any five characters, even a key's: those that are no standard code are told as what they are. */
const standard = (sqlstate: string): string =>
  sqlstate === changedOnItsWay || isStandard(sqlstate) ? sqlstate : raiseException;

const nothing: BatchResult = {
  transferred: 0,
  repaired: 0,
  assigned: 0,
  flags_set: 0,
  flags_cleared: 0,
  refused: 0,
  refusals: [],
};

/** Runs a block that leaves its result in a setting of the transaction; null where the database refused the batch. */
async function runBlock(client: Client, block: string): Promise<BatchResult | null> {
  try {
    const results = (await client.query(
      `begin; ${block}; select current_setting('wallet_vault.batch')::json as batch; commit`,
    )) as unknown as { rows: { batch: BatchResult | null }[] }[];
    return results.find((result) => result.rows.length > 0)?.rows[0]?.batch ?? null;
  } catch (error) {
    if (!isConnectionLoss(error)) await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

function togetherBlock(wallets: Wallets, by: Standing, plan: BatchPlan): string {
  return `do ${literal(`
#variable_conflict use_column
declare
  done record;
  result jsonb;
begin
  begin
    ${attempt(wallets, by, inRange(plan), plan.patient)}
    result := jsonb_build_object(${moveCounts.map((name) => `'${name}', done.${name}`).join(", ")}, 'refused', 0, 'refusals', '[]'::jsonb);
  exception when others then
    ${passOn}
    result := 'null';
  end;
  perform set_config('wallet_vault.batch', result::text, true);
end`)}`;
}

function singlyBlock(wallets: Wallets, by: Standing, plan: BatchPlan): string {
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
      ${attempt(wallets, by, "c.id = wallet.id", plan.patient)}
      ${moveCounts.map((name) => `total_${name} := total_${name} + done.${name};`).join(" ")}
    exception when others then
      ${plan.leaveLocked ? `if sqlstate in ('${[lockNotAvailable, deadlockDetected, serializationFailure].join("', '")}') then continue; end if;` : ""}
      ${passOn}
      get stacked diagnostics refused_by = constraint_name;
      refused := refused + 1;
      if refused <= ${toldPerBatch} then
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
      exception when others then
        ${passOn}
      end;
    end;
  end loop;
  perform set_config('wallet_vault.batch', jsonb_build_object(
    ${moveCounts.map((name) => `'${name}', total_${name}`).join(", ")}, 'refused', refused, 'refusals', refusals)::text, true);
end`)}`;
}

/** Moves, and undoes it all where a key is not in the vault as it is in the source, or a deferred constraint objects. */
function attempt(wallets: Wallets, by: Standing, which: string, patient: boolean): string {
  return `${move(wallets, by, which, patient)} into done;
    if done.unequal > 0 then raise exception using errcode = '${changedOnItsWay}'; end if;
    set constraints all immediate;`;
}

function inRange({ range, lane, lanes }: BatchPlan): string {
  const blocks = `c.ctid >= '(${range.from},0)' and c.ctid < '(${range.to},0)'`;
  return lanes > 1 ? `${blocks} and get_byte(tidsend(c.ctid), 5) % ${lanes} = ${lane}` : blocks;
}
