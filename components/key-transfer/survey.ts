import { withClient } from "../postgres/connection";
import { type Report, reportAs } from "../postgres/progress";
import { requireKnownTypes } from "./credential-types";
import { patienceOf, usualLimits, type WaitLimits } from "./deadline";
import { withTablesHeld } from "./held-tables";
import { standing } from "./standing";
import { counts } from "./statements/counts";
import { requireWalletTables } from "./tables";
import type { Shape, StateCounts, Wallets } from "./wallets";

/** How the wallets stand before a run: what `preview` shows. */
export interface Survey {
  readonly credentials: number;
  readonly states: StateCounts;
  readonly flagsWrong: number;
}

/**
 * Looks at the database without writing to it: read-only sessions, no lock that makes others wait.
 *
 * @returns the shape of the tables, which the views' SQL depends on, and the counts, which take a scan: the caller may
 *   go on meanwhile
 * @throws WalletVaultError for every structural fault, see requireWalletTables; ERR_CONFIGURATION for a credential type that
 *   no wallet has; ERR_LOCK_DEADLINE, also by the counts
 */
export async function beginSurvey(
  databaseUrl: string,
  wallets: Wallets,
  limits: WaitLimits = usualLimits,
  report: Report = reportAs("survey"),
): Promise<{ shape: Shape; survey: Promise<Survey> }> {
  const session = { purpose: "surveying the wallets", readOnly: true };
  const shape = await withClient(databaseUrl, session, (client) => requireWalletTables(client, wallets, "preview"));
  const patience = patienceOf(limits, report);
  if (wallets.credentialTypes.length > 0)
    await withClient(databaseUrl, session, (client) =>
      withTablesHeld(client, wallets, "looking for the credentialTypes", patience, () =>
        requireKnownTypes(client, wallets),
      ),
    );
  const survey = withClient(databaseUrl, session, (client) =>
    withTablesHeld(client, wallets, "surveying the wallets", patience, async () => {
      // One helper at the most: Pulumi's processes start meanwhile, and a busy server keeps the others for its own.
      await client.query("set local max_parallel_workers_per_gather = 1");
      const { credentials, states, flagsWrong } = await counts(client, wallets, standing(wallets, shape));
      return { credentials, states, flagsWrong };
    }),
  );
  return { shape, survey };
}

/** The same, waiting for the counts. */
export async function takeSurvey(
  databaseUrl: string,
  wallets: Wallets,
  limits?: WaitLimits,
  report?: Report,
): Promise<{ shape: Shape; survey: Survey }> {
  const { shape, survey } = await beginSurvey(databaseUrl, wallets, limits, report);
  return { shape, survey: await survey };
}
