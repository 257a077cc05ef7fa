import { withClient } from "../postgres/connection";
import { requireKnownServer } from "../postgres/server";
import { nextStep } from "./classification";
import { requireCollapsible } from "./collapse";
import type { Declared } from "./declared";
import { duplicatesFound, duplicatesIn } from "./duplicates";
import { requireDeclaredTable, requireStepPossible } from "./requirements";
import { look } from "./statements";

/**
 * Everything that would make the update fail, found before it starts. Reads only. The table's rows are looked at only
 * where no index holds them unique: with nothing to do, this is a handful of catalog queries.
 *
 * @throws WalletVaultError
 */
export async function requirePossible(databaseUrl: string, declared: Declared): Promise<void> {
  await withClient(databaseUrl, { purpose: "checking a unique constraint", readOnly: true }, async (client) => {
    await requireKnownServer(client);
    const table = await requireDeclaredTable(client, declared);
    const seen = await look(client, table, declared.columns, declared.name);
    const step = nextStep(seen.indexes, declared.columns, declared.name);
    requireStepPossible(declared, table, step, seen);
    if (step.do !== "build" && step.do !== "reindex") return;
    const found = await duplicatesIn(client, table, declared.columns);
    if (found.values === 0) return;
    const { collapse } = declared;
    if (collapse === undefined || step.do === "reindex") throw duplicatesFound(table, declared.columns, found);
    await requireCollapsible(client, table, { ...declared, collapse });
  });
}
