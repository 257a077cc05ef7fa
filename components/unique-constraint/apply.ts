import { namingEventTriggers } from "../postgres/catalog/event-triggers";
import { withClient } from "../postgres/connection";
import { WalletVaultError } from "../postgres/errors";
import { type Report, reportAs } from "../postgres/report";
import { requireSupportedServer } from "../postgres/server-version";
import type { ApplyContext } from "./apply-context";
import { applyStep, type StepResult } from "./apply-step";
import type { Properties, UniqueConstraintInputs } from "./args";
import { withAdvisoryLock } from "./index/advisory-lock";
import { proveArbiter } from "./index/arbiter";
import { readCatalog } from "./index/catalog";
import { type IndexFacts, nextStep } from "./index/classification";
import { requireStepPossible } from "./preconditions/step";
import { requireDeclaredTable } from "./preconditions/table";

const origins = ["created", "adopted", "promoted", "repaired"] as const;

/** How the constraint came about: built, found, made of a unique index, or rebuilt from an INVALID one. */
export type Origin = (typeof origins)[number];

export interface UniqueConstraintOutputs {
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
const maxSteps = 12;

/**
 * Leaves the columns with a unique constraint that ON CONFLICT can use, whatever is there when it starts: nothing, an
 * equal constraint, a unique index, a broken index, a build that is still going on, another run at the same time.
 *
 * @throws WalletVaultError
 */
export async function applyConstraint(
  databaseUrl: string,
  inputs: UniqueConstraintInputs,
  report: Report = reportAs("constraint"),
): Promise<UniqueConstraintOutputs> {
  const doing = "making the unique constraint";
  return withClient(databaseUrl, { purpose: doing }, async (client) => {
    await requireSupportedServer(client);
    const table = await requireDeclaredTable(client, inputs);
    const seen = await readCatalog(client, table, inputs.columns, inputs.name);
    const first = nextStep(seen.indexes, inputs.columns, inputs.name);
    requireStepPossible(inputs, table, first, seen);
    const minutes = inputs.indexDeadlineMinutes;
    const run = { databaseUrl, client, report, minutes, deadline: performance.now() + minutes * 60_000 };
    const work = { ...run, inputs, table, unattachable: new Set<number>() };
    if (first.do === "adopt") return outputsOf(work, first.index, "adopted");
    try {
      return await withAdvisoryLock(run, table, () => untilServed(work));
    } catch (error) {
      throw await namingEventTriggers(client, error, doing);
    }
  });
}

/** A constraint that turned out to be in order keeps the origin that was recorded of it. */
export function originKept(olds: Properties, outs: UniqueConstraintOutputs): UniqueConstraintOutputs {
  const same = outs.origin === "adopted" && outs.name === olds["name"] && outs.index === olds["index"];
  const recorded = origins.find((origin) => origin === olds["origin"]);
  return same && recorded !== undefined ? { ...outs, origin: recorded } : outs;
}

/** Looks, takes one step, looks again: after each the catalog decides, never what we believe to have done. */
async function untilServed(context: ApplyContext): Promise<UniqueConstraintOutputs> {
  const { client, inputs, table } = context;
  const done = new Set<StepResult>();
  for (let step = 1; step <= maxSteps; step++) {
    const seen = await readCatalog(client, table, inputs.columns, inputs.name);
    const next = nextStep(seen.indexes, inputs.columns, inputs.name, context.unattachable);
    requireStepPossible(inputs, table, next, seen);
    if (next.do === "adopt") return outputsOf(context, next.index, originOf(done));
    if (next.do !== "refuse") done.add(await applyStep(context, next, seen.indexes));
  }
  throw new WalletVaultError(
    "ERR_ARBITER",
    `The indexes of ${table.schema}.${table.name} kept changing while the constraint was made.`,
    "See which other program changes them, then run the same command again.",
  );
}

function originOf(done: ReadonlySet<StepResult>): Origin {
  if (done.has("rebuilt")) return "repaired";
  if (done.has("built")) return done.has("cleared") ? "repaired" : "created";
  return done.has("attached") ? "promoted" : "adopted";
}

async function outputsOf(context: ApplyContext, index: IndexFacts, origin: Origin): Promise<UniqueConstraintOutputs> {
  const { columns, schema } = context.inputs;
  const arbiterProven = await proveArbiter(context, index.name);
  const name = index.constraint ?? index.name;
  return { name, schema, table: context.table.name, columns, index: index.name, origin, arbiterProven };
}
