import type { Table } from "../postgres/catalog/table";
import { sqlstateOf } from "../postgres/errors";
import type { Report } from "../postgres/report";
import { deadlockDetected } from "../postgres/sqlstate";
import type { UniqueConstraintInputs } from "./args";
import { collapseDuplicates } from "./duplicates/collapse";
import { otherBuildsEnded } from "./index/advisory-lock";
import { attach } from "./index/attach";
import { buildIndex, reindex } from "./index/build";
import { classify, type IndexFacts, reasons, type Step } from "./index/classification";
import { dropInvalidIndexes } from "./index/drop-invalid";
import type { DeadlineContext } from "./index/statement-deadline";

/** One run's work on one table. */
export interface ApplyContext extends DeadlineContext {
  readonly inputs: UniqueConstraintInputs;
  readonly table: Table;
  /** Oids of indexes that PostgreSQL refused to make a constraint of. */
  readonly unattachable: Set<number>;
}

/** What a step did; `waited`: nothing, because another program worked on it, so that the catalog has to be read again. */
export type StepResult = "waited" | "cleared" | "attached" | "rebuilt" | "built";

/** @throws WalletVaultError ERR_DUPLICATES, ERR_DEPENDANTS, ERR_LOCK_DEADLINE */
export async function applyStep(
  context: ApplyContext,
  step: Exclude<Step, { do: "adopt" | "refuse" }>,
  indexes: readonly IndexFacts[],
): Promise<StepResult> {
  if (step.do === "attach" && step.invalidIndexes.length === 0) return attachIndex(context, step.index);
  // An INVALID index may belong to a build that is still going on, and the missing index may be its result.
  if (await otherBuildsEnded(context, context.table)) return "waited";
  try {
    return await makeIndex(context, step, indexes);
  } catch (error) {
    // Another program's build and ours waited for each other, and PostgreSQL ended ours: theirs goes first.
    if (sqlstateOf(error) === deadlockDetected) return "waited";
    throw error;
  }
}

async function attachIndex(
  { client, inputs, table, report, unattachable }: ApplyContext,
  index: IndexFacts,
): Promise<StepResult> {
  if (await attach(client, inputs, table, index, report)) return "attached";
  unattachable.add(index.oid);
  return "waited";
}

/** Drops INVALID indexes, if there are any; else makes the index. */
async function makeIndex(
  context: ApplyContext,
  step: Exclude<Step, { do: "adopt" | "refuse" }>,
  indexes: readonly IndexFacts[],
): Promise<StepResult> {
  const { databaseUrl, inputs, table, report } = context;
  const { columns, collapse } = inputs;
  if (step.invalidIndexes.length > 0)
    return (await dropInvalidIndexes(context, table, columns, step.invalidIndexes)) ? "cleared" : "waited";
  if (step.do === "reindex") {
    await reindex(context, table, inputs, step.index);
    return "rebuilt";
  }
  explain(indexes, inputs, table, report);
  if (collapse !== undefined) await collapseDuplicates(databaseUrl, table, { ...inputs, collapse }, report);
  await buildIndex(context, table, inputs);
  return "built";
}

/** Says why the unique indexes that are there do not serve: the question of everyone who meets 42P10. */
function explain(indexes: readonly IndexFacts[], inputs: UniqueConstraintInputs, table: Table, report: Report): void {
  for (const index of indexes) {
    const verdict = classify(index, inputs.columns);
    const near =
      index.unique && (verdict !== "otherColumns" || inputs.columns.some((each) => index.columns.includes(each)));
    if (near && verdict !== "serves")
      report(`index ${index.name} of ${table.schema}.${table.name} does not serve: it ${reasons[verdict]}`);
  }
}
