import { withClient } from "../postgres/connection";
import { WalletVaultError } from "../postgres/errors";
import { namingEventTriggers } from "../postgres/event-triggers";
import { reportAs, type Report } from "../postgres/progress";
import { requireKnownServer } from "../postgres/server";
import { proveArbiter } from "./arbiter";
import { nextStep, type IndexFacts } from "./classification";
import type { Declared } from "./declared";
import { requireDeclaredTable, requireStepPossible } from "./requirements";
import { look } from "./statements";
import { takeStep, type Done, type Work } from "./steps";
import { withTurn } from "./turn";

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
  const doing = "making the unique constraint";
  return withClient(databaseUrl, { purpose: doing }, async (client) => {
    await requireKnownServer(client);
    const table = await requireDeclaredTable(client, declared);
    const seen = await look(client, table, declared.columns, declared.name);
    const first = nextStep(seen.indexes, declared.columns, declared.name);
    requireStepPossible(declared, table, first, seen);
    const minutes = declared.indexDeadlineMinutes;
    const run = { databaseUrl, client, report, minutes, deadline: performance.now() + minutes * 60_000 };
    const work = { ...run, declared, table, unpromotable: new Set<number>() };
    if (first.do === "adopt") return settled(work, first.index, "adopted");
    try {
      return await withTurn(run, table, () => untilServed(work));
    } catch (error) {
      throw await namingEventTriggers(client, error, doing);
    }
  });
}

/** Looks, takes one step, looks again: after each the catalog decides, never what we believe to have done. */
async function untilServed(work: Work): Promise<Outcome> {
  const { client, declared, table } = work;
  const done = new Set<Done>();
  for (let step = 1; step <= mostSteps; step++) {
    const seen = await look(client, table, declared.columns, declared.name);
    const next = nextStep(seen.indexes, declared.columns, declared.name, work.unpromotable);
    requireStepPossible(declared, table, next, seen);
    if (next.do === "adopt") return settled(work, next.index, originOf(done));
    if (next.do !== "refuse") done.add(await takeStep(work, next, seen.indexes));
  }
  throw new WalletVaultError(
    "ERR_ARBITER",
    `The indexes of ${table.schema}.${table.name} kept changing while the constraint was made.`,
    "See which other program changes them, then run the same command again.",
  );
}

function originOf(done: ReadonlySet<Done>): Origin {
  if (done.has("rebuilt")) return "repaired";
  if (done.has("built")) return done.has("cleared") ? "repaired" : "created";
  return done.has("attached") ? "promoted" : "adopted";
}

async function settled({ client, declared, table, report }: Work, index: IndexFacts, origin: Origin): Promise<Outcome> {
  const { columns, schema } = declared;
  const arbiterProven = await proveArbiter(client, table, declared, index.name, report);
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
