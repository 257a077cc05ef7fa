import { withClient } from "../postgres/connection";
import { WalletVaultError } from "../postgres/errors";
import { withLockRetry } from "../postgres/lock-retry";
import { quoteQualified } from "../postgres/quote";
import type { Report } from "../postgres/report";
import { requireSupportedServer } from "../postgres/server-version";
import { hasUnknown } from "../pulumi/unknown-value";
import type { ApplyContext } from "./apply-context";
import { inputsFrom, type Properties, type UniqueConstraintInputs } from "./args";
import { requireCollapsible } from "./duplicates/collapse";
import { duplicatesFound, duplicatesIn } from "./duplicates/duplicate-values";
import { sessionsBlockingBuild } from "./index/build-sessions";
import { readCatalog } from "./index/catalog";
import { classify, type IndexFacts, nextStep } from "./index/classification";
import { stillInvalid } from "./index/drop-invalid";
import { requireStepPossible } from "./preconditions/step";
import { requireDeclaredTable } from "./preconditions/table";

/** Answers with failures, not errors: they stop the preview as well, and Pulumi prints them without a stack. */
export async function checkConstraint(databaseUrl: string, news: Properties, report: Report) {
  const failures: { property: string; reason: string }[] = [];
  try {
    if (!hasUnknown(news)) await requirePreconditions(databaseUrl, inputsFrom(news), report);
  } catch (error) {
    if (!(error instanceof WalletVaultError)) throw error;
    // Pulumi prints the property's value beside the reason: the table's name is short and says where to look.
    failures.push({ property: "table", reason: error.message });
  }
  return { inputs: news, failures };
}

/**
 * Everything that would make the update fail, found before it starts. Reads only. The table's rows are looked at only
 * where no index holds them unique: with nothing to do, this is a handful of catalog queries.
 *
 * @throws WalletVaultError
 */
export async function requirePreconditions(
  databaseUrl: string,
  inputs: UniqueConstraintInputs,
  report: Report,
): Promise<void> {
  await withClient(databaseUrl, { purpose: "checking a unique constraint", readOnly: true }, async (client) => {
    await requireSupportedServer(client);
    const table = await requireDeclaredTable(client, inputs);
    const seen = await readCatalog(client, table, inputs.columns, inputs.name);
    const step = nextStep(seen.indexes, inputs.columns, inputs.name);
    requireStepPossible(inputs, table, step, seen);
    if (step.do === "adopt") await reportInvalidIndexes({ client, table, inputs, report }, seen.indexes);
    if (step.do !== "build" && step.do !== "reindex") return;
    const what = `looking for duplicates in ${table.schema}.${table.name}`;
    await withLockRetry(client, inputs, what, [table.oid], report, async () => {
      const found = await duplicatesIn(client, table, inputs.columns);
      if (found.values === 0) return;
      const { collapse } = inputs;
      if (collapse === undefined || step.do === "reindex") throw duplicatesFound(table, inputs.columns, found);
      await requireCollapsible(client, { ...inputs, collapse });
    });
  });
}

/** With a constraint in order, no update would drop an INVALID index beside it: the report says how to do it by hand. */
async function reportInvalidIndexes(
  context: Pick<ApplyContext, "client" | "table" | "inputs" | "report">,
  indexes: readonly IndexFacts[],
): Promise<void> {
  const { client, table, inputs } = context;
  const seen = indexes.filter((index) => classify(index, inputs.columns) === "invalidIndex");
  if (seen.length === 0 || (await sessionsBlockingBuild(client, table.oid)).length > 0) return;
  for (const { name } of await stillInvalid(context, seen))
    context.report(
      `index ${name} of ${table.schema}.${table.name} is INVALID and only costs every write; to remove it: drop index concurrently ${quoteQualified(table.schema, name)}`,
    );
}
