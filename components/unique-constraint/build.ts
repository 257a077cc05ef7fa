import { sqlstateOf, WalletVaultError } from "../postgres/errors";
import { qualified, quoted } from "../postgres/identifiers";
import { deadlockDetected, uniqueViolation } from "../postgres/sqlstate";
import type { Table } from "../postgres/table";
import { classify, type IndexFacts } from "./classification";
import type { Declared } from "./declared";
import { duplicatesFound, duplicatesIn } from "./duplicates";
import { runLong, type LongRun } from "./long-statement";
import { builders, indexesOf } from "./statements";

/** How long a failed build may take to remove what it left, in milliseconds. What is not removed, the next run removes. */
const cleanUpMs = 60_000;

/**
 * Builds the index while everybody goes on reading and writing. A failed build leaves an INVALID index, which would go
 * on costing every write and may go on refusing rows: it is removed again.
 *
 * @throws WalletVaultError ERR_DUPLICATES, ERR_LOCK_DEADLINE
 */
export async function buildIndex(run: LongRun, table: Table, declared: Declared): Promise<void> {
  const { schema, name, columns } = declared;
  const what = `building index ${name} on ${schema}.${table.name}`;
  const list = columns.map(quoted).join(", ");
  try {
    await runLong(
      run,
      what,
      `create unique index concurrently ${quoted(name)} on ${qualified(schema, table.name)} (${list})`,
    );
  } catch (error) {
    if (sqlstateOf(error) !== deadlockDetected) await removeOwnLeftover(run, table, declared);
    if (sqlstateOf(error) === uniqueViolation) throw await duplicatesInstead(run, table, columns, error);
    throw error;
  }
}

/** Drops an INVALID index. Waits for everyone who has the table in use, since they may be maintaining it. */
export async function dropLeftover(run: LongRun, table: Table, leftover: IndexFacts): Promise<void> {
  const what = `dropping INVALID index ${leftover.name} of ${table.schema}.${table.name}`;
  run.report(what);
  await runLong(run, what, `drop index concurrently if exists ${qualified(table.schema, leftover.name)}`);
}

/** Rebuilds, in place, an INVALID index that a constraint stands on. */
export async function reindex(run: LongRun, table: Table, index: IndexFacts): Promise<void> {
  const what = `rebuilding INVALID index ${index.name} of ${table.schema}.${table.name}`;
  run.report(what);
  await runLong(run, what, `reindex index concurrently ${qualified(table.schema, index.name)}`);
}

/** Not while another program builds on the table: waiting in line for it is what makes deadlocks. */
async function removeOwnLeftover(run: LongRun, table: Table, declared: Declared): Promise<void> {
  const soon = { ...run, deadline: Date.now() + cleanUpMs };
  try {
    if ((await builders(run.client, table.oid)).length > 0) return;
    const indexes = await indexesOf(run.client, table.oid);
    const own = indexes.find(
      (index) => index.name === declared.name && classify(index, declared.columns) === "leftover",
    );
    if (own !== undefined) await dropLeftover(soon, table, own);
  } catch {
    // The build's own error is what a person needs to see; the next run finds and removes the leftover.
  }
}

async function duplicatesInstead(
  run: LongRun,
  table: Table,
  columns: readonly string[],
  error: unknown,
): Promise<WalletVaultError | unknown> {
  const found = await duplicatesIn(run.client, table, columns);
  // They were there a moment ago and somebody removed them: the plain error says what happened.
  return found.values > 0 ? duplicatesFound(table, columns, found) : error;
}
