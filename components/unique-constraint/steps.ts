import { sqlstateOf } from "../postgres/errors";
import type { Report } from "../postgres/progress";
import { deadlockDetected } from "../postgres/sqlstate";
import type { Table } from "../postgres/table";
import { attach } from "./attach";
import { buildIndex, reindex } from "./build";
import { classify, reasons, type IndexFacts, type Step } from "./classification";
import { collapseDuplicates } from "./collapse";
import type { Declared } from "./declared";
import { dropLeftovers } from "./leftovers";
import type { LongRun } from "./long-statement";
import { otherBuildsEnded } from "./turn";

/** One run's work on one table. */
export interface Work extends LongRun {
  readonly declared: Declared;
  readonly table: Table;
  /** Oids of indexes that PostgreSQL refused to make a constraint of. */
  readonly unpromotable: Set<number>;
}

/** What a step did; `waited`: nothing, because another program was at it, so that the catalog has to be read again. */
export type Done = "waited" | "cleared" | "attached" | "rebuilt" | "built";

/** @throws WalletVaultError ERR_DUPLICATES, ERR_DEPENDANTS, ERR_LOCK_DEADLINE */
export async function takeStep(
  work: Work,
  step: Exclude<Step, { do: "adopt" | "refuse" }>,
  indexes: readonly IndexFacts[],
): Promise<Done> {
  if (step.do === "promote" && step.leftovers.length === 0) return promote(work, step.index);
  // What looks like a leftover may be a build that is still going on, and the index that is missing be its result.
  if (await otherBuildsEnded(work, work.table)) return "waited";
  try {
    return await makeIndex(work, step, indexes);
  } catch (error) {
    // Another program's build and ours waited for each other, and PostgreSQL ended ours: theirs goes first.
    if (sqlstateOf(error) === deadlockDetected) return "waited";
    throw error;
  }
}

async function promote({ client, declared, table, report, unpromotable }: Work, index: IndexFacts): Promise<Done> {
  if (await attach(client, declared, table, index, report)) return "attached";
  unpromotable.add(index.oid);
  return "waited";
}

/** Removes what failed builds left, if there is any; else makes the index. */
async function makeIndex(
  work: Work,
  step: Exclude<Step, { do: "adopt" | "refuse" }>,
  indexes: readonly IndexFacts[],
): Promise<Done> {
  const { databaseUrl, declared, table, report } = work;
  const { columns, collapse } = declared;
  if (step.leftovers.length > 0)
    return (await dropLeftovers(work, table, columns, step.leftovers)) ? "cleared" : "waited";
  if (step.do === "reindex") {
    await reindex(work, table, declared, step.index);
    return "rebuilt";
  }
  explain(indexes, declared, table, report);
  if (collapse !== undefined) await collapseDuplicates(databaseUrl, table, { ...declared, collapse }, report);
  await buildIndex(work, table, declared);
  return "built";
}

/** Says why the unique indexes that are there do not help: the question everybody has who meets 42P10. */
function explain(indexes: readonly IndexFacts[], declared: Declared, table: Table, report: Report): void {
  for (const index of indexes) {
    const verdict = classify(index, declared.columns);
    const near =
      index.unique && (verdict !== "otherColumns" || declared.columns.some((each) => index.columns.includes(each)));
    if (near && verdict !== "serves")
      report(`index ${index.name} of ${table.schema}.${table.name} does not serve: it ${reasons[verdict]}`);
  }
}
