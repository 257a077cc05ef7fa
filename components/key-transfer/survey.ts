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

/** Counts of the wallets before a run, which `preview` shows. */
export interface Survey {
  readonly credentials: number;
  readonly states: StateCounts;
  readonly flagsWrong: number;
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
  limits: WaitLimits = defaultWaitLimits,
  report: Report = reportAs("survey"),
): Promise<{ schemaFacts: SchemaFacts; survey: Promise<Survey> }> {
  const session = { purpose: "surveying the wallets", readOnly: true };
  const schemaFacts = await withClient(databaseUrl, session, (client) =>
    requirePreconditions(client, wallets, "preview"),
  );
  const lockWait = lockWaitOf(limits, report);
  if (wallets.credentialTypes.length > 0)
    await withClient(databaseUrl, session, (client) =>
      withTablesLocked(client, wallets, "looking for the credentialTypes", lockWait, () =>
        requireKnownCredentialTypes(client, wallets),
      ),
    );
  const survey = withClient(databaseUrl, session, (client) =>
    withTablesLocked(client, wallets, "surveying the wallets", lockWait, async () => {
      // One parallel worker at most: Pulumi's processes start meanwhile, and a busy server needs the others itself.
      await client.query("set local max_parallel_workers_per_gather = 1");
      const { credentials, states, flagsWrong } = await countWallets(
        client,
        wallets,
        walletStateSql(wallets, schemaFacts),
      );
      return { credentials, states, flagsWrong };
    }),
  );
  return { schemaFacts, survey };
}

/** Begins a survey and waits for the counts. */
export async function takeSurvey(
  databaseUrl: string,
  wallets: Wallets,
  limits?: WaitLimits,
  report?: Report,
): Promise<{ schemaFacts: SchemaFacts; survey: Survey }> {
  const { schemaFacts, survey } = await beginSurvey(databaseUrl, wallets, limits, report);
  return { schemaFacts, survey: await survey };
}
