import { sqlstateOf, WalletVaultError } from "../../postgres/errors";
import { withLockRetry } from "../../postgres/lock-retry";
import { quoteIdent, quoteQualified } from "../../postgres/quote";
import { deadlockDetected, uniqueViolation } from "../../postgres/sqlstate";
import type { ApplyContext } from "../apply-context";
import { duplicatesFound, duplicatesIn } from "../duplicates/duplicate-values";
import { sessionsBlockingBuild } from "./build-sessions";
import type { IndexFacts } from "./classification";
import { dropInvalidIndexes, invalidIndexesOf } from "./drop-invalid";
import { runWithDeadline } from "./statement-deadline";

/** Milliseconds in which a failed build drops the index it left. Where that is not enough, the next run drops it. */
const cleanUpMs = 60_000;

/**
 * Builds the index while everybody goes on reading and writing.
 *
 * @throws WalletVaultError ERR_DUPLICATES, ERR_LOCK_DEADLINE
 */
export async function buildIndex(context: ApplyContext): Promise<void> {
  const { table } = context;
  const { schema, name, columns } = context.inputs;
  const what = `building index ${name} on ${schema}.${table.name}`;
  const list = columns.map(quoteIdent).join(", ");
  try {
    await withCleanUp(context, () =>
      runWithDeadline(
        context,
        what,
        `create unique index concurrently ${quoteIdent(name)} on ${quoteQualified(schema, table.name)} (${list})`,
      ),
    );
  } catch (error) {
    if (sqlstateOf(error) === uniqueViolation) throw await duplicatesInstead(context, error);
    throw error;
  }
}

/** Rebuilds, in place, an INVALID index that a constraint uses. */
export async function reindex(context: ApplyContext, index: IndexFacts): Promise<void> {
  const { table, report } = context;
  const what = `rebuilding INVALID index ${index.name} of ${table.schema}.${table.name}`;
  report(what);
  await withCleanUp(context, () =>
    runWithDeadline(context, what, `reindex index concurrently ${quoteQualified(table.schema, index.name)}`),
  );
}

/**
 * Drops the INVALID index that a failed build leaves: it would cost every write, and may refuse rows. Not while another
 * program builds on the table: waiting for it may end in a deadlock.
 */
async function withCleanUp(context: ApplyContext, build: () => Promise<void>): Promise<void> {
  try {
    await build();
  } catch (error) {
    if (sqlstateOf(error) !== deadlockDetected) await cleanUp(context);
    throw error;
  }
}

async function cleanUp(context: ApplyContext): Promise<void> {
  try {
    const invalidIndexes = await invalidIndexesOf(context);
    if ((await sessionsBlockingBuild(context.client, context.table.oid)).length > 0) return;
    await dropInvalidIndexes({ ...context, deadline: performance.now() + cleanUpMs }, invalidIndexes);
  } catch {
    // The user needs to see the build's own error; the next run finds and drops the index.
  }
}

async function duplicatesInstead(context: ApplyContext, error: unknown): Promise<WalletVaultError | unknown> {
  const { client, inputs, table, report } = context;
  const what = `looking for duplicates in ${table.schema}.${table.name}`;
  const found = await withLockRetry(client, inputs, what, [table.oid], report, () =>
    duplicatesIn(client, table, inputs.columns),
  );
  // They were there a moment ago and somebody removed them: the plain error says what happened.
  return found.values > 0 ? duplicatesFound(table, inputs.columns, found) : error;
}
