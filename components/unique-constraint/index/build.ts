import type { Table } from "../../postgres/catalog/table";
import { sqlstateOf, WalletVaultError } from "../../postgres/errors";
import { withLockRetry } from "../../postgres/lock-retry";
import { quoteIdent, quoteQualified } from "../../postgres/quote";
import { deadlockDetected, uniqueViolation } from "../../postgres/sqlstate";
import type { UniqueConstraintInputs } from "../args";
import { duplicatesFound, duplicatesIn } from "../duplicates/duplicate-values";
import { sessionsBlockingBuild } from "./build-sessions";
import type { IndexFacts } from "./classification";
import { dropInvalidIndexes, invalidIndexesOf } from "./drop-invalid";
import { type DeadlineContext, runWithDeadline } from "./statement-deadline";

/** Milliseconds in which a failed build drops the index it left. Where that is not enough, the next run drops it. */
const cleanUpMs = 60_000;

/**
 * Builds the index while everybody goes on reading and writing.
 *
 * @throws WalletVaultError ERR_DUPLICATES, ERR_LOCK_DEADLINE
 */
export async function buildIndex(run: DeadlineContext, table: Table, inputs: UniqueConstraintInputs): Promise<void> {
  const { schema, name, columns } = inputs;
  const what = `building index ${name} on ${schema}.${table.name}`;
  const list = columns.map(quoteIdent).join(", ");
  try {
    await withCleanUp(run, table, columns, () =>
      runWithDeadline(
        run,
        what,
        `create unique index concurrently ${quoteIdent(name)} on ${quoteQualified(schema, table.name)} (${list})`,
      ),
    );
  } catch (error) {
    if (sqlstateOf(error) === uniqueViolation) throw await duplicatesInstead(run, table, inputs, error);
    throw error;
  }
}

/** Rebuilds, in place, an INVALID index that a constraint uses. */
export async function reindex(
  run: DeadlineContext,
  table: Table,
  inputs: UniqueConstraintInputs,
  index: IndexFacts,
): Promise<void> {
  const what = `rebuilding INVALID index ${index.name} of ${table.schema}.${table.name}`;
  run.report(what);
  await withCleanUp(run, table, inputs.columns, () =>
    runWithDeadline(run, what, `reindex index concurrently ${quoteQualified(table.schema, index.name)}`),
  );
}

/**
 * Drops the INVALID index that a failed build leaves: it would cost every write, and may refuse rows. Not while another
 * program builds on the table: waiting for it would end in a deadlock.
 */
async function withCleanUp(
  run: DeadlineContext,
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

async function cleanUp(run: DeadlineContext, table: Table, columns: readonly string[]): Promise<void> {
  try {
    const invalidIndexes = await invalidIndexesOf(run.client, table, columns);
    if ((await sessionsBlockingBuild(run.client, table.oid)).length > 0) return;
    await dropInvalidIndexes({ ...run, deadline: performance.now() + cleanUpMs }, table, columns, invalidIndexes);
  } catch {
    // The user needs to see the build's own error; the next run finds and drops the index.
  }
}

async function duplicatesInstead(
  run: DeadlineContext,
  table: Table,
  inputs: UniqueConstraintInputs,
  error: unknown,
): Promise<WalletVaultError | unknown> {
  const { columns } = inputs;
  const what = `looking for duplicates in ${table.schema}.${table.name}`;
  const found = await withLockRetry(run.client, inputs, what, [table.oid], run.report, () =>
    duplicatesIn(run.client, table, columns),
  );
  // They were there a moment ago and somebody removed them: the plain error says what happened.
  return found.values > 0 ? duplicatesFound(table, columns, found) : error;
}
