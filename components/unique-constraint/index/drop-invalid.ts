import type { Table } from "../../postgres/catalog/table";
import type { Client } from "../../postgres/connection";
import { quoteQualified } from "../../postgres/quote";
import { indexesOf } from "./catalog";
import { classify, type IndexFacts } from "./classification";
import { type DeadlineContext, runWithDeadline } from "./statement-deadline";

/** INVALID indexes on the columns that no constraint uses; a build that is still going on looks like one. */
export async function invalidIndexesOf(
  client: Client,
  table: Table,
  columns: readonly string[],
): Promise<IndexFacts[]> {
  return (await indexesOf(client, table.oid)).filter((index) => classify(index, columns) === "invalidIndex");
}

/** Those of `seen` that are still INVALID: meanwhile, the build of one may have ended well. */
export async function stillInvalid(
  client: Client,
  table: Table,
  columns: readonly string[],
  seen: readonly IndexFacts[],
): Promise<IndexFacts[]> {
  const oids = new Set(seen.map((index) => index.oid));
  return (await invalidIndexesOf(client, table, columns)).filter((index) => oids.has(index.oid));
}

/**
 * Drops INVALID indexes, seen before it was known that nobody builds. Waits for everyone who has the table in use, since
 * they may be maintaining them.
 *
 * @returns false where none was to be dropped
 */
export async function dropInvalidIndexes(
  run: DeadlineContext,
  table: Table,
  columns: readonly string[],
  seen: readonly IndexFacts[],
): Promise<boolean> {
  let dropped = false;
  for (const each of seen) {
    const [invalid] = await stillInvalid(run.client, table, columns, [each]);
    if (invalid === undefined) continue;
    const what = `dropping INVALID index ${invalid.name} of ${table.schema}.${table.name}`;
    run.report(what);
    await runWithDeadline(run, what, `drop index concurrently if exists ${quoteQualified(table.schema, invalid.name)}`);
    dropped = true;
  }
  return dropped;
}
