import { type Client, withClient } from "../postgres/connection";
import { safeError } from "../postgres/errors";
import type { Report } from "../postgres/progress";
import { blindSpots } from "./health";
import { withTablesHeld } from "./held-tables";
import { type ReadBack, readBack } from "./read-back";
import { type Limits, Run } from "./run";
import { standing } from "./standing";
import { throughRestarts } from "./retry";
import { type Range, rangesWithWork, wholeTable } from "./statements/ranges";
import { sample } from "./sampling";
import { lostBetween, lostParts, type LastRun, lastRunOf, refusalReason } from "./summary";
import type { Survey } from "./survey";
import { cutter, denseLanes, sweep, type SweepPlan } from "./sweep";
import { requireWalletTables } from "./tables";
import { allAlike, changes, forgetRefusals } from "./totals";
import type { Refusal } from "./statements/batch";
import type { Wallets } from "./wallets";
import { Worker } from "./worker";

/** Sessions that move keys side by side. More gained nothing on two cores and would be felt by others on more. */
const workers = 2;

/** Single blocks that are tried before all is given up, where the first wallets were all refused alike. */
const samples = 20;

/** Sweeps at most. Two are the rule where applications write meanwhile, and one where they do not. */
const mostSweeps = 8;

export interface TransferResult {
  readonly found: ReadBack;
  readonly lastRun: LastRun;
  readonly refusals: readonly Refusal[];
  /** Why others are open, as a sentence; only where some are. */
  readonly whyOpen?: string;
}

/**
 * Moves every key that can be moved, sets the flags by the facts, and reads everything back. Idempotent: ended
 * anywhere and run again, it ends in the same place. Runs side by side with applications and with other transfers.
 *
 * @param before how the wallets stood a moment ago; decides only where it looks first
 */
export async function transferKeys(
  databaseUrl: string,
  wallets: Wallets,
  limits: Limits,
  before: Survey,
  report: Report,
): Promise<TransferResult> {
  const { run, shape, first } = await withClient(databaseUrl, { purpose: "preparing the transfer" }, async (client) => {
    const tables = await requireWalletTables(client, wallets);
    const by = standing(wallets, tables);
    const begun = new Run(databaseUrl, wallets, by, limits, before.states.pending, report);
    const blind = before.states.pending > 0 ? await blindSpots(client) : undefined;
    if (blind !== undefined) report(blind);
    return { run: begun, shape: tables, first: await firstSweep(client, begun, before) };
  });
  const look = (): Promise<ReadBack> => {
    const known = run.totals.refusals.map(({ id }) => id);
    return readBack(databaseUrl, wallets, shape, run.patience(), known);
  };
  try {
    const result = await sweeps(run, first, () => throughRestarts(run, look));
    lostParts(lostBetween(before, result.found.counts, result.lastRun)).forEach(report);
    return result;
  } finally {
    await run.end();
  }
}

async function sweeps(run: Run, first: SweepPlan, look: () => Promise<ReadBack>): Promise<TransferResult> {
  let plan = first;
  let openBefore = Number.POSITIVE_INFINITY;
  for (let done = 1; ; done += 1) {
    const changedBefore = changes(run.totals);
    if (plan.ranges.length > 0) await sweepOnce(run, plan);
    const found = await look();
    const open = found.counts.states.pending + found.counts.flagsWrong;
    // Applications that add keys all the time must not keep a run from ending: it goes on while less is left.
    const gains = changes(run.totals) > changedBefore && open <= openBefore / 2;
    const why = run.whyEnding();
    if (open === 0 || why !== undefined || done >= mostSweeps || (plan.patient && !gains)) {
      const refusals = settleRefusals(run, found, open);
      if (why !== undefined && open > 0) run.tellWhatIsLeft(found.counts.states.pending, why);
      const lastRun = lastRunOf(run.totals, Math.round(performance.now() - run.started));
      return { found, lastRun, refusals, ...(open > 0 ? { whyOpen: whyOpen(why) } : {}) };
    }
    // What is left was locked, refused, or arrived meanwhile. Where little is gained, the last sweep waits for locks.
    plan = { ranges: await throughRestarts(run, () => rangesLeft(run)), lanes: 1, patient: !gains };
    openBefore = open;
  }
}

/** Why wallets that nobody refused are open after all, as a sentence. */
const whyOpen = (ending: string | undefined): string =>
  ending === undefined
    ? "It was written while the run went on."
    : `The run ended before it was done, because ${ending}.`;

async function firstSweep(client: Client, run: Run, before: Survey): Promise<SweepPlan> {
  const work = before.states.pending + before.flagsWrong;
  if (work === 0) return { ranges: [], lanes: 1, patient: false };
  const dense = work * 2 > before.credentials;
  const ranges = await withTablesHeld(client, run.wallets, "preparing the transfer", run.patience(), () =>
    dense ? wholeTable(client, run.wallets) : rangesWithWork(client, run.wallets, run.by),
  );
  return { ranges, lanes: dense ? denseLanes : 1, patient: false };
}

async function sweepOnce(run: Run, plan: SweepPlan): Promise<void> {
  forgetRefusals(run.totals);
  await sweepBy(workers, run, plan);
  if (allAlike(run.totals) === undefined) return;
  // Those that can be moved may be elsewhere, and the first ones must not keep them waiting in every run.
  run.sampling = true;
  await sweepBy(1, run, { ranges: sample(plan.ranges, samples), lanes: 1, patient: false });
  run.sampling = false;
  if (allAlike(run.totals) === undefined && !run.stopping()) await sweepBy(workers, run, plan);
}

async function sweepBy(many: number, run: Run, plan: SweepPlan): Promise<void> {
  const take = cutter(plan.ranges);
  await Promise.all(
    Array.from({ length: many }, async () => {
      const worker = new Worker(run);
      try {
        await sweep(plan, take, worker);
      } catch (error) {
        run.fail();
        throw safeError(error, "moving keys to the vault");
      } finally {
        await worker.end();
      }
    }),
  );
}

/** On a session of its own: the server may have been restarted since the run began. */
function rangesLeft(run: Run): Promise<Range[]> {
  const session = { purpose: "looking for what is left", readOnly: true };
  return withClient(run.databaseUrl, session, (client) =>
    withTablesHeld(client, run.wallets, session.purpose, run.patience(), () =>
      rangesWithWork(client, run.wallets, run.by),
    ),
  );
}

/**
 * What is told of refusals is what the last look found: a wallet that an application finished in between is refused no
 * longer.
 *
 * @param open wallets that are left undone
 */
function settleRefusals(run: Run, { open: named }: ReadBack, open: number): Refusal[] {
  run.totals.refused = Math.min(run.totals.refused, open);
  const { refused, refusals } = run.totals;
  const left = [...new Map(refusals.map((refusal) => [refusal.id, refusal])).values()].filter(({ id }) =>
    named.some(({ credentialId }) => credentialId === id),
  );
  const reasons = new Set(left.filter(({ cause }) => cause !== "locked").map(refusalReason));
  if (reasons.size > 0 && allAlike(run.totals) === undefined)
    run.report(`the database refused ${refused} wallets: ${[...reasons].join("; ")}`);
  return left;
}
