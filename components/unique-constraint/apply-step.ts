import { sqlstateOf } from "../postgres/errors";
import { deadlockDetected } from "../postgres/sqlstate";
import type { ApplyContext } from "./apply-context";
import { collapseDuplicates } from "./duplicates/collapse";
import { otherBuildsEnded } from "./index/advisory-lock";
import { attach } from "./index/attach";
import { buildIndex, reindex } from "./index/build";
import { classify, type IndexFacts, reasons, type Step } from "./index/classification";
import { dropInvalidIndexes } from "./index/drop-invalid";

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

async function attachIndex(context: ApplyContext, index: IndexFacts): Promise<StepResult> {
  if (await attach(context, index)) return "attached";
  context.unattachable.add(index.oid);
  return "waited";
}

/** Drops INVALID indexes, if there are any; else makes the index. */
async function makeIndex(
  context: ApplyContext,
  step: Exclude<Step, { do: "adopt" | "refuse" }>,
  indexes: readonly IndexFacts[],
): Promise<StepResult> {
  if (step.invalidIndexes.length > 0)
    return (await dropInvalidIndexes(context, step.invalidIndexes)) ? "cleared" : "waited";
  if (step.do === "reindex") {
    await reindex(context, step.index);
    return "rebuilt";
  }
  explain(context, indexes);
  await collapseDuplicates(context);
  await buildIndex(context);
  return "built";
}

/** Says why the unique indexes that are there do not serve: the question of everyone who meets 42P10. */
function explain({ inputs, table, report }: ApplyContext, indexes: readonly IndexFacts[]): void {
  for (const index of indexes) {
    const verdict = classify(index, inputs.columns);
    const near =
      index.unique && (verdict !== "otherColumns" || inputs.columns.some((each) => index.columns.includes(each)));
    if (near && verdict !== "serves")
      report(`index ${index.name} of ${table.schema}.${table.name} does not serve: it ${reasons[verdict]}`);
  }
}
