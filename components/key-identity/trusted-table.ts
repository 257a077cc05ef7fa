import type { Client } from "../postgres/connection";
import { defaults, type TableInputs } from "../table/args";
import { requireMakeable } from "../table/preconditions";
import { WalletVaultError } from "../postgres/errors";
import type { SchemaFacts, Wallets } from "../key-transfer/wallets";
import { identityTable } from "./identity-sql";
import { identityTableArgs } from "./identity-table";

/**
 * The table of proofs, to use in the transaction of the caller, which keeps others from dropping it; undefined where it is not there
 * or is not ours. Whoever could put a view with functions of their own under that name would have them run with our rights.
 */
export async function trustedIdentityTable(
  client: Client,
  wallets: Wallets,
  schemaFacts: SchemaFacts,
): Promise<string | undefined> {
  try {
    await requireIdentityTable(client, wallets, schemaFacts);
    return identityTable(wallets);
  } catch (error) {
    // The Table resource stops the preview and says why.
    if (error instanceof WalletVaultError) return undefined;
    throw error;
  }
}

/**
 * The same, where it must be there. Looks before the lock, so that nothing but our own table is locked, and again behind it.
 *
 * @throws WalletVaultError ERR_TABLE_MISSING, ERR_NAME_TAKEN
 */
export async function requireIdentityTable(client: Client, wallets: Wallets, schemaFacts: SchemaFacts): Promise<void> {
  await requireThere(client, wallets, schemaFacts);
  await client.query(`lock table ${identityTable(wallets)} in access share mode`);
  await requireThere(client, wallets, schemaFacts);
}

async function requireThere(client: Client, wallets: Wallets, schemaFacts: SchemaFacts): Promise<void> {
  const declared: TableInputs = { ...identityTableArgs(wallets, schemaFacts), ...defaults };
  if ((await requireMakeable(client, declared)) !== undefined) return;
  throw new WalletVaultError(
    "ERR_TABLE_MISSING",
    `There is no table ${declared.schema}.${declared.name}, which keeps what was proven.`,
    "Run pulumi up for the whole stack, which makes it.",
  );
}
