import type { OpenWallet } from "../../key-transfer/sql/open-wallets";
import type { Wallets } from "../../key-transfer/wallets";
import type { Client } from "../../postgres/connection";
import { quoteQualified } from "../../postgres/quote";

/** Wallets that are named for one address. */
const mostNamed = 3;

/**
 * Adds, to wallets whose key opens another address, the wallets that have that address: keys may be swapped. Addresses are compared
 * without case: two that differ in case alone are one in most families, and in the others do not occur.
 */
export async function walletsAt(
  client: Client,
  wallets: Wallets,
  open: readonly OpenWallet[],
): Promise<readonly OpenWallet[]> {
  const opened = [...new Set(open.flatMap(({ opens }) => (opens ? [opens] : [])))];
  if (opened.length === 0) return open;
  const { rows } = await client.query<{ opens: string; ids: string[] }>(
    `select o.opens, (array_agg(c.id::text order by c.id::text))[1:${mostNamed}] as ids
       from ${quoteQualified(wallets.schema, wallets.credentialsTable)} c
       join unnest($1::text[]) o (opens) on lower(o.opens collate "C") = lower(c.wallet_address::text collate "C")
      group by o.opens`,
    [opened],
  );
  const owners = new Map(rows.map(({ opens, ids }) => [opens, ids]));
  return open.map((wallet) => ({ ...wallet, openedWallets: owners.get(wallet.opens ?? "") ?? [] }));
}
