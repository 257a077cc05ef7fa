import type { Client } from "../postgres/connection";
import { qualified } from "../postgres/identifiers";
import type { Table } from "../postgres/table";
import { classify, type IndexFacts } from "./classification";
import { runLong, type LongRun } from "./long-statement";
import { indexesOf } from "./statements";

/** INVALID indexes on the columns that no constraint stands on; a build that is still going on looks like one. */
export async function leftoversOf(client: Client, table: Table, columns: readonly string[]): Promise<IndexFacts[]> {
  return (await indexesOf(client, table.oid)).filter((index) => classify(index, columns) === "leftover");
}

/** Those of `seen` that are leftovers still: since it was seen, an index's build may have ended well. */
export async function stillLeft(
  client: Client,
  table: Table,
  columns: readonly string[],
  seen: readonly IndexFacts[],
): Promise<IndexFacts[]> {
  const oids = new Set(seen.map((index) => index.oid));
  return (await leftoversOf(client, table, columns)).filter((index) => oids.has(index.oid));
}

/**
 * Drops INVALID indexes, seen before it was known that nobody builds. Waits for everyone who has the table in use, since
 * they may be maintaining them.
 *
 * @returns false where none was to be dropped
 */
export async function dropLeftovers(
  run: LongRun,
  table: Table,
  columns: readonly string[],
  seen: readonly IndexFacts[],
): Promise<boolean> {
  let dropped = false;
  for (const each of seen) {
    const [leftover] = await stillLeft(run.client, table, columns, [each]);
    if (leftover === undefined) continue;
    const what = `dropping INVALID index ${leftover.name} of ${table.schema}.${table.name}`;
    run.report(what);
    await runLong(run, what, `drop index concurrently if exists ${qualified(table.schema, leftover.name)}`);
    dropped = true;
  }
  return dropped;
}
