import { type Client, withClient } from "../postgres/connection";
import { safeError } from "../postgres/errors";
import type { Report } from "../postgres/progress";
import { blindSpots } from "./health";
import { type ReadBack, readBack } from "./read-back";
import { type Limits, Run } from "./run";
import { standing } from "./standing";
import { throughRestarts } from "./retry";
import { type Range, rangesWithWork, wholeTable } from "./statements/ranges";
import { type LastRun, lastRunOf, refusalReason } from "./summary";
import type { Survey } from "./survey";
import { cutter, denseLanes, sweep, type SweepPlan } from "./sweep";
import { requireWalletTables } from "./tables";
import { changes } from "./totals";
import type { Refusal } from "./statements/batch";
import type { Wallets } from "./wallets";
import { Worker } from "./worker";

/** Sessions that move keys side by side. More gained nothing on two cores and would be felt by others on more. */
const workers = 2;

/** Sweeps at most. Two are the rule where applications write meanwhile, and one where they do not. */
const mostSweeps = 8;

export interface TransferResult {
  readonly found: ReadBack;
  readonly lastRun: LastRun;
  readonly refusals: readonly Refusal[];
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
  try {
    return await sweeps(run, first, () => throughRestarts(run, () => readBack(databaseUrl, wallets, shape)));
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
    if (open === 0 || run.stopping() || done >= mostSweeps || (plan.patient && !gains)) {
      settleRefusals(run, open);
      if (run.stopping()) run.tellWhatIsLeft(found.counts.states.pending);
      return { found, lastRun: lastRunOf(run.totals, Date.now() - run.started), refusals: run.totals.refusals };
    }
    // What is left was locked, refused, or arrived meanwhile. Where little is gained, the last sweep waits for locks.
    plan = { ranges: await throughRestarts(run, () => rangesLeft(run)), lanes: 1, patient: !gains };
    openBefore = open;
  }
}

async function firstSweep(client: Client, run: Run, before: Survey): Promise<SweepPlan> {
  const work = before.states.pending + before.flagsWrong;
  if (work * 2 > before.credentials) {
    return { ranges: await wholeTable(client, run.wallets), lanes: denseLanes, patient: false };
  }
  return { ranges: work > 0 ? await rangesWithWork(client, run.by) : [], lanes: 1, patient: false };
}

async function sweepOnce(run: Run, plan: SweepPlan): Promise<void> {
  run.totals.refused = 0;
  run.totals.refusals = [];
  const take = cutter(plan.ranges);
  await Promise.all(
    Array.from({ length: workers }, async () => {
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
  return withClient(run.databaseUrl, { purpose: "looking for what is left", readOnly: true }, (client) =>
    rangesWithWork(client, run.by),
  );
}

/**
 * A wallet that an application finished between its refusal and the read-back is refused no longer.
 *
 * @param open wallets that are left undone
 */
function settleRefusals(run: Run, open: number): void {
  run.totals.refused = Math.min(run.totals.refused, open);
  run.totals.refusals = run.totals.refusals.slice(0, run.totals.refused);
  const { refused, refusals } = run.totals;
  if (refused === 0) return;
  const reasons = new Set(refusals.map(refusalReason));
  run.report(`the database refused ${refused} wallets: ${[...reasons].join("; ")}`);
}
