import { literal, qualified } from "../../postgres/identifiers";
import { isConnectionLoss } from "../../postgres/errors";
import type { Client } from "../../postgres/connection";
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

export interface BatchResult {
  readonly transferred: number;
  readonly repaired: number;
  readonly assigned: number;
  readonly flagsSet: number;
  readonly flagsCleared: number;
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
}

/** Refusals told one by one in a batch; the others are counted. */
const toldPerBatch = 20;

/** Our own SQLSTATE: something changed a key on its way into the vault. */
const changedOnItsWay = "WV001";

/**
 * Moves one batch in one transaction.
 *
 * It runs as a DO block, because only an exception handler inside the server keeps a refused row out of the server's
 * log: PostgreSQL writes the whole row, key included, into the DETAIL of an error that reaches the client. Where the
 * batch is refused, its wallets are tried one by one, and those refused are counted with SQLSTATE and constraint.
 */
export async function runBatch(client: Client, wallets: Wallets, by: Standing, plan: BatchPlan): Promise<BatchResult> {
  try {
    const results = (await client.query(`begin; ${batchBlock(wallets, by, plan)};
      select current_setting('wallet_vault.batch')::json as batch; commit`)) as unknown as { rows: { batch: Raw }[] }[];
    const batch = results.find((result) => result.rows.length > 0)?.rows[0]?.batch;
    if (batch === undefined) throw new TypeError("a batch ended without its counts");
    return {
      transferred: batch.transferred,
      repaired: batch.repaired,
      assigned: batch.assigned,
      flagsSet: batch.flags_set,
      flagsCleared: batch.flags_cleared,
      refused: batch.refused,
      refusals: batch.refusals,
    };
  } catch (error) {
    if (!isConnectionLoss(error)) await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

interface Raw {
  readonly transferred: number;
  readonly repaired: number;
  readonly assigned: number;
  readonly flags_set: number;
  readonly flags_cleared: number;
  readonly refused: number;
  readonly refusals: Refusal[];
}

function batchBlock(wallets: Wallets, by: Standing, plan: BatchPlan): string {
  const { range, lane, lanes, patient } = plan;
  const blocks = `c.ctid >= '(${range.from},0)' and c.ctid < '(${range.to},0)'`;
  const inLane = lanes > 1 ? ` and (hashtid(c.ctid) & 2147483647) % ${lanes} = ${lane}` : "";
  const credentials = qualified(wallets.schema, wallets.credentialsTable);
  const tables = [wallets.credentialsTable, wallets.vaultTable].map((table) =>
    literal(qualified(wallets.schema, table)),
  );
  const sums = moveCounts.map((name) => `total_${name} := total_${name} + done.${name};`).join(" ");
  // Passing troubles (a deadlock, a lock timeout, a full disk, a server going down) are the caller's to retry.
  const passing = `sqlstate ~ '^(40|53|55P03|57|58|XX)'`;
  const refuseUnequal = `if done.unequal > 0 then raise exception using errcode = '${changedOnItsWay}'; end if;`;
  const attempt = (which: string): string => `
        ${move(wallets, by, which, patient)} into done;
        ${refuseUnequal}
        set constraints all immediate;`;
  const body = `
#variable_conflict use_column
declare
  done record;
  wallet record;
  ${moveCounts.map((name) => `total_${name} int8 := 0;`).join(" ")}
  refused int8 := 0;
  refusals jsonb := '[]';
  refused_by text;
begin
  begin ${attempt(`${blocks}${inLane}`)}
    ${sums}
  exception when others then
    if ${passing} then raise; end if;
    for wallet in
      select c.id from ${by.credentials}
        left join lateral (select * from ${by.vault} where v.credential_id = c.id offset 0) v on true
       where ${blocks}${inLane} and ${by.concerned} and ${by.needsWork}
    loop
      begin ${attempt("c.id = wallet.id")}
        ${sums}
      exception when others then
        if ${passing} then raise; end if;
        get stacked diagnostics refused_by = constraint_name;
        refused := refused + 1;
        if refused <= ${toldPerBatch} then
          -- A trigger may put any text into constraint_name; only the name of a real constraint is told.
          refusals := refusals || jsonb_build_object('id', wallet.id::text, 'sqlstate', sqlstate, 'constraint',
            (select k.conname from pg_constraint k
              where k.conname = refused_by and k.conrelid in (${tables.join("::regclass, ")}::regclass) limit 1));
        end if;
        begin
          update ${credentials} c set vault_stored = false
           where c.id = wallet.id and c.vault_stored
             and not exists (select from ${by.vault} where v.credential_id = c.id and not ${by.isEmptyRow("v")});
          if found then total_flags_cleared := total_flags_cleared + 1; end if;
          set constraints all immediate;
        exception when others then
          if ${passing} then raise; end if;
        end;
      end;
    end loop;
  end;
  perform set_config('wallet_vault.batch', jsonb_build_object(
    ${moveCounts.map((name) => `'${name}', total_${name}`).join(", ")}, 'refused', refused, 'refusals', refusals)::text, true);
end`;
  return `do ${literal(body)}`;
}
