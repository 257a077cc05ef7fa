import { BatchRun, type BatchLimits } from "../batches/batch-run";
import type { Range } from "../batches/range";
import { runPass } from "../batches/run-pass";
import { withTablesLocked } from "../key-transfer/locked-tables";
import { requirePreconditions } from "../key-transfer/preconditions";
import type { ReadBack } from "../key-transfer/read-back";
import { rangesWithWork } from "../key-transfer/sql/ranges";
import type { Survey } from "../key-transfer/survey";
import { walletStateSql } from "../key-transfer/wallet-state";
import type { SchemaFacts, Wallets } from "../key-transfer/wallets";
import { withClient } from "../postgres/connection";
import type { Report } from "../postgres/report";
import { failureReason, IdentityJob } from "./identity-job";
import { identitySql, identityTable } from "./identity-sql";
import { requireTemporary } from "./preconditions";
import { readBackIdentity } from "./read-back";
import { requireIdentityTable } from "./trusted-table";

/** Passes at most. One is the rule, and two where applications write meanwhile. */
const maxPasses = 8;

/** Fewer keys take one session less time than it takes another session to make its tables of curve points. */
const worthASecondSession = 200;

export interface ProofResult {
  readonly found: ReadBack;
  /** Why wallets are unproven, as a sentence; only where it is known. */
  readonly why?: string;
}

/**
 * Derives what the key of every stored wallet opens, unless a valid proof of it is recorded, and reads everything back. Idempotent:
 * ended anywhere and run again, it goes on with what is not recorded. Runs side by side with applications and with other runs.
 *
 * @param before how the wallets stood a moment ago; only for the progress line
 */
export async function proveIdentity(
  databaseUrl: string,
  wallets: Wallets,
  limits: BatchLimits,
  before: Survey,
  report: Report,
): Promise<ProofResult> {
  const schemaFacts = await withClient(databaseUrl, { purpose: "preparing the proof" }, async (client) => {
    await requireTemporary(client);
    return requirePreconditions(client, wallets);
  });
  const identity = identitySql(walletStateSql(wallets, schemaFacts), identityTable(wallets));
  const wanted = (before.identity?.unproven ?? 0) + before.states.pending;
  const run = new BatchRun(databaseUrl, new IdentityJob(wallets, identity, wanted), limits, report);
  try {
    return await runPasses(run, schemaFacts, wanted < worthASecondSession ? 1 : undefined);
  } finally {
    await run.end();
  }
}

async function runPasses(
  run: BatchRun<IdentityJob>,
  schemaFacts: SchemaFacts,
  workers: number | undefined,
): Promise<ProofResult> {
  const { databaseUrl, job } = run;
  for (let done = 1; ; done += 1) {
    const before = job.proofs;
    job.failures.clear();
    const ranges = await run.retryOnConnectionLoss(() => unprovenRanges(run, schemaFacts));
    if (ranges.length > 0) await runPass(run, { ranges, lanes: 1, waitForLocks: done > 1 }, done > 1 ? 1 : workers);
    const found = await run.retryOnConnectionLoss(() =>
      readBackIdentity(databaseUrl, job.wallets, schemaFacts, run.lockWait()),
    );
    const unproven = found.counts.identity?.unproven ?? 0;
    const ending = run.whyEnding();
    if (unproven > 0 && ending === undefined && done < maxPasses && (job.proofs > before || done === 1)) continue;
    if (unproven === 0) return { found };
    return { found, why: whyUnproven(job, ending) };
  }
}

function whyUnproven(job: IdentityJob, ending: string | undefined): string {
  if (ending !== undefined) return `The proof ended before it was done, because ${ending}. The next up goes on.`;
  if (job.failures.size > 0) return failureReason(job.failures);
  return "Keys or addresses were written while the proof went on. The next up proves them.";
}

/** On a session of its own: the server may have been restarted since the run began. */
function unprovenRanges(run: BatchRun<IdentityJob>, schemaFacts: SchemaFacts): Promise<Range[]> {
  const { wallets, identity } = run.job;
  const session = { purpose: "looking for keys to prove", readOnly: true };
  return withClient(run.databaseUrl, session, (client) =>
    withTablesLocked(client, wallets, session.purpose, run.lockWait(), async () => {
      await requireIdentityTable(client, wallets, schemaFacts);
      return rangesWithWork(client, wallets, identity, `${identity.identity} = 'unproven'`);
    }),
  );
}
