import { withClient, type Client } from "../postgres/connection";
import { qualified } from "../postgres/identifiers";
import type { Report } from "../postgres/progress";
import { requireKnownServer } from "../postgres/server";
import type { Table } from "../postgres/table";
import { withLockRetry } from "../postgres/waiting";
import { classify, nextStep, type IndexFacts } from "./classification";
import { requireCollapsible } from "./collapse";
import type { Declared } from "./declared";
import { duplicatesFound, duplicatesIn } from "./duplicates";
import { stillLeft } from "./leftovers";
import { requireDeclaredTable, requireStepPossible } from "./requirements";
import { builders, look } from "./statements";

/**
 * Everything that would make the update fail, found before it starts. Reads only. The table's rows are looked at only
 * where no index holds them unique: with nothing to do, this is a handful of catalog queries.
 *
 * @throws WalletVaultError
 */
export async function requirePossible(databaseUrl: string, declared: Declared, report: Report): Promise<void> {
  await withClient(databaseUrl, { purpose: "checking a unique constraint", readOnly: true }, async (client) => {
    await requireKnownServer(client);
    const table = await requireDeclaredTable(client, declared);
    const seen = await look(client, table, declared.columns, declared.name);
    const step = nextStep(seen.indexes, declared.columns, declared.name);
    requireStepPossible(declared, table, step, seen);
    if (step.do === "adopt") await tellLeftovers(client, table, declared.columns, seen.indexes, report);
    if (step.do !== "build" && step.do !== "reindex") return;
    const what = `looking for duplicates in ${table.schema}.${table.name}`;
    await withLockRetry(client, declared, what, [table.oid], report, async () => {
      const found = await duplicatesIn(client, table, declared.columns);
      if (found.values === 0) return;
      const { collapse } = declared;
      if (collapse === undefined || step.do === "reindex") throw duplicatesFound(table, declared.columns, found);
      await requireCollapsible(client, { ...declared, collapse });
    });
  });
}

/** With a constraint in order there is no update that would remove what other builds left: a person is told of it. */
async function tellLeftovers(
  client: Client,
  table: Table,
  columns: readonly string[],
  indexes: readonly IndexFacts[],
  report: Report,
): Promise<void> {
  const seen = indexes.filter((index) => classify(index, columns) === "leftover");
  if (seen.length === 0 || (await builders(client, table.oid)).length > 0) return;
  for (const { name } of await stillLeft(client, table, columns, seen))
    report(
      `index ${name} of ${table.schema}.${table.name} is INVALID and only costs every write; to remove it: drop index concurrently ${qualified(table.schema, name)}`,
    );
}
