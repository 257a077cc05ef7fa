import { missingMonitoringPrivileges } from "../batches/health";
import { BatchRun } from "../batches/batch-run";
import { type Range, wholeTable } from "../batches/range";
import { runPass } from "../batches/run-pass";
import { sampleRanges } from "../batches/sample-ranges";
import { denseLanes, type TablePass } from "../batches/table-pass";
import { type Client, withClient } from "../postgres/connection";
import type { Report } from "../postgres/report";
import { withTablesLocked } from "./locked-tables";
import { requirePreconditions } from "./preconditions";
import { type ReadBack, readBack } from "./read-back";
import type { Refusal } from "./sql/batch";
import { rangesWithWork } from "./sql/ranges";
import { lostBetween, lostParts, type LastRun, lastRunOf, refusalReason } from "./summary";
import type { Survey } from "./survey";
import { changes, forgetRefusals, sameRefusal } from "./totals";
import { TransferJob, type TransferLimits, type TransferRun } from "./transfer-job";
import { walletStateSql } from "./wallet-state";
import type { Wallets } from "./wallets";

/** Single blocks that are tried before all is given up, where the first wallets were all refused alike. */
const sampledBlocks = 20;

/** Passes at most. Two are the rule where applications write meanwhile, and one where they do not. */
const maxPasses = 8;

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
  limits: TransferLimits,
  before: Survey,
  report: Report,
): Promise<TransferResult> {
  const {
    run,
    shape: schemaFacts,
    first,
  } = await withClient(databaseUrl, { purpose: "preparing the transfer" }, async (client) => {
    const tables = await requirePreconditions(client, wallets);
    const stateSql = walletStateSql(wallets, tables);
    const job = new TransferJob(wallets, stateSql, before.states.pending);
    const begun = new BatchRun(databaseUrl, job, limits, report);
    const blind = before.states.pending > 0 ? await missingMonitoringPrivileges(client, "the transfer") : undefined;
    if (blind !== undefined) report(blind);
    return { run: begun, shape: tables, first: await firstPass(client, begun, before) };
  });
  const look = (): Promise<ReadBack> => {
    const known = run.job.totals.refusals.map(({ id }) => id);
    return readBack(databaseUrl, wallets, schemaFacts, run.lockWait(), known);
  };
  try {
    const result = await runPasses(run, first, () => run.retryOnConnectionLoss(look));
    lostParts(lostBetween(before, result.found.counts, result.lastRun)).forEach(report);
    return result;
  } finally {
    await run.end();
  }
}

async function runPasses(run: TransferRun, first: TablePass, look: () => Promise<ReadBack>): Promise<TransferResult> {
  let plan = first;
  let openBefore = Number.POSITIVE_INFINITY;
  for (let done = 1; ; done += 1) {
    const changedBefore = changes(run.job.totals);
    if (plan.ranges.length > 0) await runPassOnce(run, plan);
    const found = await look();
    const open = found.counts.states.pending + found.counts.flagsWrong;
    // Applications that add keys all the time must not keep a run from ending: it goes on while less is left.
    const gains = changes(run.job.totals) > changedBefore && open <= openBefore / 2;
    const why = run.whyEnding();
    if (open === 0 || why !== undefined || done >= maxPasses || (plan.waitForLocks && !gains)) {
      const refusals = refusalsStillOpen(run, found, open);
      if (why !== undefined && open > 0) run.report(run.job.whatIsLeft(found.counts.states.pending, why));
      const lastRun = lastRunOf(run.job.totals, Math.round(performance.now() - run.started));
      return { found, lastRun, refusals, ...(open > 0 ? { whyOpen: whyOpen(why) } : {}) };
    }
    // What is left was locked, refused, or arrived meanwhile. Where little is gained, the last pass waits for locks.
    plan = { ranges: await run.retryOnConnectionLoss(() => rangesLeft(run)), lanes: 1, waitForLocks: !gains };
    openBefore = open;
  }
}

/** Why wallets that nobody refused are open after all, as a sentence. */
const whyOpen = (ending: string | undefined): string =>
  ending === undefined
    ? "It was written while the run went on."
    : `The run ended before it was done, because ${ending}.`;

async function firstPass(client: Client, run: TransferRun, before: Survey): Promise<TablePass> {
  const work = before.states.pending + before.flagsWrong;
  if (work === 0) return { ranges: [], lanes: 1, waitForLocks: false };
  const dense = work * 2 > before.credentials;
  const ranges = await withTablesLocked(client, run.job.wallets, "preparing the transfer", run.lockWait(), () =>
    dense ? wholeTable(client, run.job.tables[0]) : rangesWithWork(client, run.job.wallets, run.job.stateSql),
  );
  return { ranges, lanes: dense ? denseLanes : 1, waitForLocks: false };
}

async function runPassOnce(run: TransferRun, plan: TablePass): Promise<void> {
  forgetRefusals(run.job.totals);
  await runPass(run, plan);
  if (sameRefusal(run.job.totals) === undefined) return;
  // Those that can be moved may be elsewhere, and the first ones must not keep them waiting in every run.
  run.job.sampling = true;
  await runPass(run, { ranges: sampleRanges(plan.ranges, sampledBlocks), lanes: 1, waitForLocks: false }, 1);
  run.job.sampling = false;
  if (sameRefusal(run.job.totals) === undefined && !run.stopping()) await runPass(run, plan);
}

/** On a session of its own: the server may have been restarted since the run began. */
function rangesLeft(run: TransferRun): Promise<Range[]> {
  const session = { purpose: "looking for what is left", readOnly: true };
  return withClient(run.databaseUrl, session, (client) =>
    withTablesLocked(client, run.job.wallets, session.purpose, run.lockWait(), () =>
      rangesWithWork(client, run.job.wallets, run.job.stateSql),
    ),
  );
}

/**
 * What is told of refusals is what the last look found: a wallet that an application finished in between is refused no
 * longer.
 *
 * @param open wallets that are left undone
 */
function refusalsStillOpen(run: TransferRun, { open: named }: ReadBack, open: number): Refusal[] {
  run.job.totals.refused = Math.min(run.job.totals.refused, open);
  const { refused, refusals } = run.job.totals;
  const left = [...new Map(refusals.map((refusal) => [refusal.id, refusal])).values()].filter(({ id }) =>
    named.some(({ credentialId }) => credentialId === id),
  );
  const reasons = new Set(left.filter(({ cause }) => cause !== "locked").map(refusalReason));
  if (reasons.size > 0 && sameRefusal(run.job.totals) === undefined)
    run.report(`the database refused ${refused} wallets: ${[...reasons].join("; ")}`);
  return left;
}
