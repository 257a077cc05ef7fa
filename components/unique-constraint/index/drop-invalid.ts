import { quoteQualified } from "../../postgres/quote";
import type { ApplyContext } from "../apply-context";
import { indexesOf } from "./catalog";
import { classify, type IndexFacts } from "./classification";
import { runWithDeadline } from "./statement-deadline";

type TableContext = Pick<ApplyContext, "client" | "table" | "inputs">;

/** INVALID indexes on the columns that no constraint uses; a build that is still going on looks like one. */
export async function invalidIndexesOf({ client, table, inputs }: TableContext): Promise<IndexFacts[]> {
  return (await indexesOf(client, table.oid)).filter((index) => classify(index, inputs.columns) === "invalidIndex");
}

/** Those of `seen` that are still INVALID: meanwhile, the build of one may have ended well. */
export async function stillInvalid(context: TableContext, seen: readonly IndexFacts[]): Promise<IndexFacts[]> {
  const oids = new Set(seen.map((index) => index.oid));
  return (await invalidIndexesOf(context)).filter((index) => oids.has(index.oid));
}

/**
 * Drops INVALID indexes, seen before it was known that nobody builds. Waits for everyone who has the table in use, since
 * they may be maintaining them.
 *
 * @returns false where none was to be dropped
 */
export async function dropInvalidIndexes(context: ApplyContext, seen: readonly IndexFacts[]): Promise<boolean> {
  const { table, report } = context;
  let dropped = false;
  for (const each of seen) {
    const [invalid] = await stillInvalid(context, [each]);
    if (invalid === undefined) continue;
    const what = `dropping INVALID index ${invalid.name} of ${table.schema}.${table.name}`;
    report(what);
    await runWithDeadline(
      context,
      what,
      `drop index concurrently if exists ${quoteQualified(table.schema, invalid.name)}`,
    );
    dropped = true;
  }
  return dropped;
}
