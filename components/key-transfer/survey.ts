import { identitySql } from "../key-identity/identity-sql";
import type { IdentityCounts } from "../key-identity/findings";
import { trustedIdentityTable } from "../key-identity/trusted-table";
import { withClient } from "../postgres/connection";
import { defaultWaitLimits, lockWaitOf, type WaitLimits } from "../postgres/deadline";
import { type Report, reportAs } from "../postgres/report";
import { withTablesLocked } from "./locked-tables";
import { requirePreconditions } from "./preconditions";
import { requireKnownCredentialTypes } from "./preconditions/credential-types";
import { countWallets } from "./sql/state-counts";
import { walletStateSql } from "./wallet-state";
import type { StateCounts } from "./states";
import type { SchemaFacts, Wallets } from "./wallets";

/** The caller goes on when the scan has begun, or after this time where the tables are locked. */
const announceAfterMs = 100;

/** Counts of the wallets before a run, which `preview` shows. */
export interface Survey {
  readonly credentials: number;
  readonly states: StateCounts;
  readonly flagsWrong: number;
  /** What proofs found for the stored wallets; only where they were asked for. */
  readonly identity?: IdentityCounts;
}

/** The limits of its waits, and what it looks at. */
export interface SurveyOptions extends WaitLimits {
  /** Whether it looks at the proofs of the stored wallets as well, in the same scan. @default false */
  readonly proveIdentity?: boolean;
}

/**
 * Counts the wallets in read-only sessions, without a lock that makes other sessions wait.
 *
 * @returns the facts on which the views' SQL depends, and a promise of the counts, which take a scan: the caller may go on
 *   meanwhile
 * @throws WalletVaultError for every structural fault, see requirePreconditions; ERR_CONFIGURATION for a credential type that
 *   no wallet has; ERR_LOCK_DEADLINE, also by the counts
 */
export async function beginSurvey(
  databaseUrl: string,
  wallets: Wallets,
  limits: SurveyOptions = defaultWaitLimits,
  report: Report = reportAs("survey"),
): Promise<{ schemaFacts: SchemaFacts; survey: Promise<Survey> }> {
  const session = { purpose: "surveying the wallets", readOnly: true };
  let announce: (facts: SchemaFacts) => void = () => undefined;
  const known = new Promise<SchemaFacts>((resolve) => (announce = resolve));
  // One session for all: what the caller does next keeps Node.js busy, and a new connection would wait for it.
  const survey = withClient(databaseUrl, session, async (client) => {
    const facts = await requirePreconditions(client, wallets, "preview");
    const lockWait = lockWaitOf(limits, report);
    if (wallets.credentialTypes.length > 0)
      await withTablesLocked(client, wallets, "looking for the credentialTypes", lockWait, () =>
        requireKnownCredentialTypes(client, wallets),
      );
    const late = setTimeout(announce, announceAfterMs, facts);
    try {
      return await withTablesLocked(client, wallets, session.purpose, lockWait, async () => {
        // One parallel worker at most: Pulumi's processes start meanwhile, and a busy server needs the others itself.
        await client.query("set local max_parallel_workers_per_gather = 1");
        const stateSql = walletStateSql(wallets, facts);
        const counted = limits.proveIdentity
          ? identitySql(stateSql, await trustedIdentityTable(client, wallets, facts))
          : stateSql;
        const counting = countWallets(client, wallets, counted, () => announce(facts));
        const { credentials, states, flagsWrong, identity } = await counting;
        return { credentials, states, flagsWrong, ...(identity === undefined ? {} : { identity }) };
      });
    } finally {
      clearTimeout(late);
    }
  });
  return { schemaFacts: await Promise.race([known, survey.then(() => known)]), survey };
}

/** Begins a survey and waits for the counts. */
export async function takeSurvey(
  databaseUrl: string,
  wallets: Wallets,
  limits?: SurveyOptions,
  report?: Report,
): Promise<{ schemaFacts: SchemaFacts; survey: Survey }> {
  const { schemaFacts, survey } = await beginSurvey(databaseUrl, wallets, limits, report);
  return { schemaFacts, survey: await survey };
}
