import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "pg";
import type { TransferOutputs } from "../../components/key-transfer/args";

const sql = (name: string): string => readFileSync(join(__dirname, name), "utf8");

/** Makes what the checker compares with; run once, before anything is deployed. */
export const ledger = sql("ledger.sql");

/** What is not as it must be: the rule, how often it is broken, and the first of whom. Empty where all is well. */
export type Faults = readonly string[];

/** After a kill: nothing that must never happen has happened. */
export async function faultsAfterKill(client: Client): Promise<Faults> {
  return faults((await client.query<Fault>(sql("checker.sql"), [false])).rows);
}

/**
 * After the run that had to put everything right.
 *
 * @param reported the wallets per state, as that run counted them
 * @param patience seconds for the session of a dead client to end by itself
 */
export async function faultsInTheEnd(
  client: Client,
  reported: Readonly<Record<string, number>>,
  patience = 300,
): Promise<Faults> {
  await untilSessionsEnded(client, patience);
  const found = (await client.query<Fault>(sql("checker.sql"), [true])).rows;
  if (!found.some((fault) => fault.rule === "a view is missing"))
    found.push(...(await client.query<Fault>(sql("checker-views.sql"))).rows);
  const { rows } = await client.query<{ state: string; n: number }>(
    "select state, count(*)::int as n from ledger.standing group by 1",
  );
  for (const [state, n] of Object.entries(reported)) {
    const counted = rows.find((row) => row.state === state)?.n ?? 0;
    if (counted !== n) found.push({ rule: "the summary counts other wallets", what: `${state}: ${n}, not ${counted}` });
  }
  return faults(found);
}

/** The status that the wallets deserve. */
export async function dueStatus(client: Client): Promise<TransferOutputs["status"]> {
  const { rows } = await client.query<{ status: TransferOutputs["status"] }>(
    `select case when bool_or(state = 'pending') then 'incomplete' when bool_or(state <> 'stored') then 'attention'
                 else 'complete' end as status from ledger.standing`,
  );
  return rows[0]?.status ?? "complete";
}

interface Fault {
  readonly rule: string;
  readonly what: string;
}

function faults(rows: readonly Fault[]): Faults {
  return [...new Set(rows.map((row) => row.rule))].map((rule) => {
    const whom = rows.filter((row) => row.rule === rule).map((row) => row.what);
    return `${rule}: ${whom.slice(0, 3).join(", ")}${whom.length > 3 ? ` and ${whom.length - 3} more` : ""}`;
  });
}

async function untilSessionsEnded(client: Client, patience: number): Promise<void> {
  for (const deadline = Date.now() + patience * 1000; Date.now() < deadline;) {
    const { rows } = await client.query(
      "select from pg_stat_activity where datname = current_database() and application_name like 'wallet-vault%'",
    );
    if (rows.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
