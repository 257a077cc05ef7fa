import type { Client } from "../../postgres/connection";
import { WalletVaultError } from "../../postgres/errors";
import { quoteQualified } from "../../postgres/quote";
import type { Wallets } from "../wallets";

/** The largest number of types that an error names. */
const maxNamed = 10;

/** A type is a value of a row: an error prints only what looks like a name, and never anything that may be a key. */
const looksLikeAName = "^[A-Za-z_][A-Za-z0-9_-]{0,39}$";

/**
 * Refuses `credentialTypes` that no wallet has. With a misspelt type a run would find no wallets, and report that it is complete. A
 * table without any wallet passes.
 *
 * @throws WalletVaultError ERR_CONFIGURATION
 */
export async function requireKnownCredentialTypes(client: Client, wallets: Wallets): Promise<void> {
  if (wallets.credentialTypes.length === 0) return;
  const missing = await typesWithoutWallets(client, wallets);
  if (missing.length === 0) return;
  const { types, named } = await typesOfWallets(client, wallets);
  if (types === 0) return;
  const others = types - named.length;
  const list = [...named, ...(others > 0 ? [named.length > 0 ? `${others} more` : `${others} that are no names`] : [])];
  throw new WalletVaultError(
    "ERR_CONFIGURATION",
    `credentialTypes names ${missing.map((type) => JSON.stringify(type)).join(", ")}, which no wallet in ${wallets.schema}.${wallets.credentialsTable} has. Types that are there: ${list.join(", ")}.`,
    "Correct it with: npm run pulumi -- config set credentialTypes '[…]', or config rm credentialTypes for all types.",
  );
}

async function typesWithoutWallets(client: Client, wallets: Wallets): Promise<string[]> {
  const { rows } = await client.query<{ type: string }>(
    `select t.type from unnest($1::text[]) t (type)
      where not exists (select from ${quoteQualified(wallets.schema, wallets.credentialsTable)} c where c.credential_type::text = t.type)`,
    [wallets.credentialTypes],
  );
  return rows.map(({ type }) => type);
}

async function typesOfWallets(client: Client, wallets: Wallets): Promise<{ types: number; named: string[] }> {
  const { rows } = await client.query<{ types: number; named: string[] | null }>(
    `select count(*)::int as types,
            (array_agg(t.type order by t.type) filter (where t.type ~ $1))[1:${maxNamed}] as named
       from (select distinct c.credential_type::text as type
               from ${quoteQualified(wallets.schema, wallets.credentialsTable)} c) t`,
    [looksLikeAName],
  );
  return { types: rows[0]?.types ?? 0, named: rows[0]?.named ?? [] };
}
