import type { Table } from "../../postgres/catalog/table";
import type { Client } from "../../postgres/connection";
import { sqlstateOf, WalletVaultError } from "../../postgres/errors";
import type { LockLimits } from "../../postgres/lock-limits";
import { withLockRetry } from "../../postgres/lock-retry";
import { quoteIdent, quoteQualified } from "../../postgres/quote";
import type { Report } from "../../postgres/report";
import { noArbiter } from "../../postgres/sqlstate";
import type { ApplyContext } from "../apply-context";

/** What PostgreSQL answers where a rule on insert or update stands on the table: then no index serves ON CONFLICT. */
const rulesInTheWay = "0A000";

/**
 * Asks PostgreSQL itself which indexes `insert … on conflict (columns) do nothing` would use. Nothing is inserted: the
 * statement is planned and not run, which a read-only session may do as well. Planning takes a lock for a moment.
 *
 * @returns names of indexes, all in the table's schema; empty where there is none (42P10) or a rule forbids it (0A000)
 * @throws WalletVaultError ERR_LOCK_DEADLINE
 */
export async function arbitersOf(
  client: Client,
  table: Table,
  columns: readonly string[],
  limits: LockLimits,
  report: Report,
): Promise<string[]> {
  const target = columns.map(quoteIdent).join(", ");
  const what = `asking which index ON CONFLICT on ${table.schema}.${table.name} uses`;
  try {
    const { rows } = await withLockRetry(client, limits, what, [table.oid], report, () =>
      client.query<{ "QUERY PLAN": [{ Plan: { "Conflict Arbiter Indexes"?: string[] } }] }>(
        `explain (format json) insert into ${quoteQualified(table.schema, table.name)} default values on conflict (${target}) do nothing`,
      ),
    );
    return rows[0]?.["QUERY PLAN"][0].Plan["Conflict Arbiter Indexes"] ?? [];
  } catch (error) {
    if ([noArbiter, rulesInTheWay].includes(sqlstateOf(error) ?? "")) return [];
    throw error;
  }
}

/**
 * The proof that is kept with the result: the index we found in the catalog is the one PostgreSQL chooses.
 *
 * @throws WalletVaultError ERR_ARBITER, ERR_LOCK_DEADLINE
 */
export async function proveArbiter(context: ApplyContext, index: string): Promise<true> {
  const { client, inputs, table, report } = context;
  const { columns } = inputs;
  const arbiters = await arbitersOf(client, table, columns, inputs, report);
  if (arbiters.includes(index)) return true;
  const found = arbiters.length > 0 ? `uses ${arbiters.join(", ")}` : "finds no index";
  throw new WalletVaultError(
    "ERR_ARBITER",
    `ON CONFLICT (${columns.join(", ")}) on ${table.schema}.${table.name} ${found}, not ${index}.`,
    "Somebody changed the table's indexes in the meantime, or a rule stands on it: look at them, then run the same command again.",
  );
}
