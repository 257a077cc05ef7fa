import { withClient, withTransaction, type Client } from "../postgres/connection";
import { standing } from "./standing";
import { counts, distinctVault, type Counts } from "./statements/counts";
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
 * @throws WalletVaultError for every structural fault; see requireWalletTables
 */
export async function beginSurvey(
  databaseUrl: string,
  wallets: Wallets,
): Promise<{ shape: Shape; survey: Promise<Survey> }> {
  const session = { purpose: "surveying the wallets", readOnly: true };
  const shape = await withClient(databaseUrl, session, (client) => requireWalletTables(client, wallets, "preview"));
  const survey = withClient(databaseUrl, session, (client) =>
    withTransaction(client, "read only", async () => {
      // One helper at the most: Pulumi's processes start meanwhile, and a busy server keeps the others for its own.
      await client.query("set local max_parallel_workers_per_gather = 1");
      const { credentials, states, flagsWrong } = await countWallets(client, wallets, shape);
      return { credentials, states, flagsWrong };
    }),
  );
  return { shape, survey };
}

/** The same, waiting for the counts. */
export async function takeSurvey(databaseUrl: string, wallets: Wallets): Promise<{ shape: Shape; survey: Survey }> {
  const { shape, survey } = await beginSurvey(databaseUrl, wallets);
  return { shape, survey: await survey };
}

/** Counts each wallet once, also while nothing keeps a second vault row of a credential out. */
async function countWallets(client: Client, wallets: Wallets, shape: Shape): Promise<Counts> {
  const by = standing(wallets, shape);
  const { rows } = await client.query<{ distinct: boolean }>(
    `select exists (select from pg_index i join pg_class c on c.oid = i.indrelid
                      join pg_namespace n on n.oid = c.relnamespace
                      join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
                     where n.nspname = $1 and c.relname = $2 and a.attname = 'credential_id' and i.indnkeyatts = 1
                       and i.indisunique and i.indisvalid and i.indpred is null) as distinct`,
    [wallets.schema, wallets.vaultTable],
  );
  return counts(client, by, rows[0]?.distinct ? undefined : distinctVault(wallets, by));
}
