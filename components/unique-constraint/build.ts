import { sqlstateOf, WalletVaultError } from "../postgres/errors";
import { qualified, quoted } from "../postgres/identifiers";
import { deadlockDetected, uniqueViolation } from "../postgres/sqlstate";
import type { Table } from "../postgres/table";
import { withLockRetry } from "../postgres/waiting";
import type { IndexFacts } from "./classification";
import type { Declared } from "./declared";
import { duplicatesFound, duplicatesIn } from "./duplicates";
import { dropLeftovers, leftoversOf } from "./leftovers";
import { runLong, type LongRun } from "./long-statement";
import { builders } from "./statements";

/** How long a failed build may take to remove what it left, in milliseconds. What is not removed, the next run removes. */
const cleanUpMs = 60_000;

/**
 * Builds the index while everybody goes on reading and writing.
 *
 * @throws WalletVaultError ERR_DUPLICATES, ERR_LOCK_DEADLINE
 */
export async function buildIndex(run: LongRun, table: Table, declared: Declared): Promise<void> {
  const { schema, name, columns } = declared;
  const what = `building index ${name} on ${schema}.${table.name}`;
  const list = columns.map(quoted).join(", ");
  try {
    await leavingNothing(run, table, columns, () =>
      runLong(
        run,
        what,
        `create unique index concurrently ${quoted(name)} on ${qualified(schema, table.name)} (${list})`,
      ),
    );
  } catch (error) {
    if (sqlstateOf(error) === uniqueViolation) throw await duplicatesInstead(run, table, declared, error);
    throw error;
  }
}

/** Rebuilds, in place, an INVALID index that a constraint stands on. */
export async function reindex(run: LongRun, table: Table, declared: Declared, index: IndexFacts): Promise<void> {
  const what = `rebuilding INVALID index ${index.name} of ${table.schema}.${table.name}`;
  run.report(what);
  await leavingNothing(run, table, declared.columns, () =>
    runLong(run, what, `reindex index concurrently ${qualified(table.schema, index.name)}`),
  );
}

/**
 * A failed build leaves an INVALID index, which would go on costing every write and may go on refusing rows: it is
 * removed again. Not while another program builds on the table: waiting in line for it is what makes deadlocks.
 */
async function leavingNothing(
  run: LongRun,
  table: Table,
  columns: readonly string[],
  build: () => Promise<void>,
): Promise<void> {
  try {
    await build();
  } catch (error) {
    if (sqlstateOf(error) !== deadlockDetected) await cleanUp(run, table, columns);
    throw error;
  }
}

async function cleanUp(run: LongRun, table: Table, columns: readonly string[]): Promise<void> {
  try {
    const leftovers = await leftoversOf(run.client, table, columns);
    if ((await builders(run.client, table.oid)).length > 0) return;
    await dropLeftovers({ ...run, deadline: performance.now() + cleanUpMs }, table, columns, leftovers);
  } catch {
    // The build's own error is what a person needs to see; the next run finds and removes the leftover.
  }
}

async function duplicatesInstead(
  run: LongRun,
  table: Table,
  declared: Declared,
  error: unknown,
): Promise<WalletVaultError | unknown> {
  const { columns } = declared;
  const what = `looking for duplicates in ${table.schema}.${table.name}`;
  const found = await withLockRetry(run.client, declared, what, [table.oid], run.report, () =>
    duplicatesIn(run.client, table, columns),
  );
  // They were there a moment ago and somebody removed them: the plain error says what happened.
  return found.values > 0 ? duplicatesFound(table, columns, found) : error;
}
