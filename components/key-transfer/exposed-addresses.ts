import { formatNumber } from "../format";
import { type Client, withClient } from "../postgres/connection";
import { lockWaitOf, type WaitLimits } from "../postgres/deadline";
import { quoteQualified } from "../postgres/quote";
import { type Report, reportAs } from "../postgres/report";
import { holdsKey } from "./key-in-text";
import { withTablesLocked } from "./locked-tables";
import { prepareScan, vaultForCount } from "./sql/state-counts";
import { walletStateSql } from "./wallet-state";
import type { SchemaFacts, Wallets } from "./wallets";

const tellAfterMs = 2_000;

/** Columns that applications publish. */
const published = ["wallet_address", "public_key"];

/**
 * Counts the wallets whose address or public key gives their key away; see key-in-text.ts. Reads only, with the locks of a
 * reader. It takes four to seven times as long as counting the states (200,000 wallets, PostgreSQL 18), so only a preview does it.
 *
 * @throws WalletVaultError ERR_LOCK_DEADLINE
 */
export async function countExposedAddresses(
  databaseUrl: string,
  wallets: Wallets,
  schemaFacts: SchemaFacts,
  limits: WaitLimits,
  report: Report = reportAs("survey"),
): Promise<number> {
  const session = { purpose: "looking for keys in addresses", readOnly: true };
  const slow = setTimeout(() => report(`${session.purpose}; of a million wallets that takes a while`), tellAfterMs);
  return withClient(databaseUrl, session, (client) =>
    withTablesLocked(client, wallets, session.purpose, lockWaitOf(limits, report), async () => {
      const stateSql = walletStateSql(wallets, schemaFacts);
      const columns = await columnsToSearch(client, wallets);
      const vault = await vaultForCount(client, wallets, stateSql);
      await prepareScan(client, wallets, vault === stateSql.vaultForScan);
      await client.query("set local max_parallel_workers_per_gather = 1");
      const { rows } = await client.query<{ exposed: string }>(`
        select count(*) as exposed from ${stateSql.from({ vault })}
         where ${stateSql.inScope} and (${["false", ...columns.map((column) => holdsKey(`c.${column}::text`, stateSql.keys))].join(" or ")})`);
      return Number(rows[0]?.exposed);
    }),
  ).finally(() => clearTimeout(slow));
}

/** What to do about them, for a preview; undefined where there are none. */
export function exposedAddressesAdvice(exposed: number): string | undefined {
  if (exposed === 0) return undefined;
  const wallets = exposed === 1 ? "1 wallet has its key" : `${formatNumber(exposed)} wallets have their key`;
  return (
    `${wallets}, or a part of it, in wallet_address or public_key, where everybody reads it who reads addresses. ` +
    "The monitoring view hides these addresses. Put the columns right, and move what those wallets hold to new ones: a key that could be read is not secret again."
  );
}

/** Those that are there and that the role may read: nothing else needs public_key, so a role of few privileges may lack it. */
async function columnsToSearch(client: Client, wallets: Wallets): Promise<string[]> {
  const { rows } = await client.query<{ column: string }>(
    `select a.attname as column from pg_attribute a
      where a.attrelid = $1::regclass and a.attname = any ($2) and not a.attisdropped
        and has_column_privilege(a.attrelid, a.attnum, 'SELECT')`,
    [quoteQualified(wallets.schema, wallets.credentialsTable), published],
  );
  return rows.map(({ column }) => column);
}
