import { withClient, type Client } from "../postgres/connection";
import { sqlstateOf, WalletVaultError } from "../postgres/errors";
import { reportAs, type Report } from "../postgres/progress";
import { requireKnownServer } from "../postgres/server";
import { deadlockDetected } from "../postgres/sqlstate";
import type { Table } from "../postgres/table";
import { proveArbiter } from "./arbiter";
import { attach } from "./attach";
import { buildIndex, dropLeftover, reindex } from "./build";
import { classify, nextStep, reasons, type IndexFacts, type Step } from "./classification";
import { collapseDuplicates } from "./collapse";
import type { Declared } from "./declared";
import { requireDeclaredTable, requireStepPossible } from "./requirements";
import { look } from "./statements";
import { otherBuildsEnded, withTurn } from "./turn";

/** How the constraint came about: found, made of a unique index, built, or rebuilt from a broken one. */
export type Origin = "created" | "adopted" | "promoted" | "repaired";

export interface Outcome {
  /** Name of the constraint; where only a bare unique index is possible, the index's. */
  readonly name: string;
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly index: string;
  readonly origin: Origin;
  readonly arbiterProven: true;
}

/** Steps before we say that somebody undoes what we do. A normal run takes two. */
const mostSteps = 12;

/**
 * Leaves the columns with a unique constraint that ON CONFLICT can use, whatever is there when it starts: nothing, an
 * equal constraint, a unique index, a broken index, a build that is still going on, another run at the same time.
 *
 * @throws WalletVaultError
 */
export async function ensure(
  databaseUrl: string,
  declared: Declared,
  report: Report = reportAs("constraint"),
): Promise<Outcome> {
  return withClient(databaseUrl, { purpose: "unique constraint" }, async (client) => {
    await requireKnownServer(client);
    const table = await requireDeclaredTable(client, declared);
    const seen = await look(client, table, declared.columns, declared.name);
    const first = nextStep(seen.indexes, declared.columns, declared.name);
    requireStepPossible(declared, table, first, seen);
    if (first.do === "adopt") return settled(client, declared, table, first.index, "adopted");
    return withTurn(client, table, declared.indexDeadlineMinutes, report, () =>
      work({ databaseUrl, client, declared, table, report }),
    );
  });
}

interface Work {
  readonly databaseUrl: string;
  readonly client: Client;
  readonly declared: Declared;
  readonly table: Table;
  readonly report: Report;
}

/** Looks, does one step, looks again: after each step the catalog decides, never what we believe to have done. */
async function work(on: Work): Promise<Outcome> {
  const { client, declared, table } = on;
  const unpromotable = new Set<number>();
  let origin: Origin = "adopted";
  for (let step = 1; step <= mostSteps; step++) {
    const seen = await look(client, table, declared.columns, declared.name);
    const next = nextStep(seen.indexes, declared.columns, declared.name, unpromotable);
    requireStepPossible(declared, table, next, seen);
    if (next.do === "adopt") return settled(client, declared, table, next.index, origin);
    if (next.do === "promote") {
      const done = await attach(client, declared, table, next.index, on.report);
      if (!done) unpromotable.add(next.index.oid);
      else if (origin === "adopted") origin = "promoted";
    } else if (
      next.do !== "refuse" &&
      !(await otherBuildsEnded(client, table, declared.indexDeadlineMinutes, on.report))
    ) {
      const made = await makeIndex(on, next, seen.indexes);
      if (made !== undefined && origin !== "repaired") origin = made;
    }
  }
  throw new WalletVaultError(
    "ERR_ARBITER",
    `The indexes of ${table.schema}.${table.name} kept changing while the constraint was made.`,
    "See which other program changes them, then run the same command again.",
  );
}

/** @returns how the index that is there now came about; undefined where the attempt ended without one */
async function makeIndex(
  { databaseUrl, client, declared, table, report }: Work,
  step: Extract<Step, { do: "build" | "reindex" }>,
  indexes: readonly IndexFacts[],
): Promise<Origin | undefined> {
  const { collapse, indexDeadlineMinutes: minutes } = declared;
  const run = { databaseUrl, client, report, minutes, deadline: Date.now() + minutes * 60_000 };
  try {
    for (const leftover of step.leftovers) await dropLeftover(run, table, leftover);
    if (step.do === "reindex") {
      await reindex(run, table, step.index);
      return "repaired";
    }
    explain(indexes, declared, table, report);
    if (collapse !== undefined)
      await collapseDuplicates(databaseUrl, table, indexes, { ...declared, collapse }, report);
    await buildIndex(run, table, declared);
    return step.leftovers.length > 0 ? "repaired" : "created";
  } catch (error) {
    // Another program builds on the same table, and each waited for the other: let it have its turn, then look again.
    if (sqlstateOf(error) === deadlockDetected) return undefined;
    throw error;
  }
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

async function settled(
  client: Client,
  { columns, schema }: Declared,
  table: Table,
  index: IndexFacts,
  origin: Origin,
): Promise<Outcome> {
  const arbiterProven = await proveArbiter(client, table, columns, index.name);
  return {
    name: index.constraint ?? index.name,
    schema,
    table: table.name,
    columns,
    index: index.name,
    origin,
    arbiterProven,
  };
}
