import { requireTable } from "../postgres/catalog/table";
import type { Client } from "../postgres/connection";
import { requireSupportedServer, requireTrackCounts } from "../postgres/server-version";
import { requireArbiter } from "./preconditions/arbiter";
import { requireCodeOfTables } from "./preconditions/code-of-tables";
import { credentialColumns, requireColumns, vaultColumns } from "./preconditions/columns";
import { requireOneWalletPerId } from "./preconditions/ids";
import { requireLoggedTable } from "./preconditions/logged-tables";
import { requireUpdatesPlanned } from "./preconditions/planned-writes";
import { requireAllRows, requireColumnPrivileges, requireSchemaUsage } from "./preconditions/privileges";
import { requireUpdatesPublishable } from "./preconditions/publications";
import { requireNoRules } from "./preconditions/rules";
import { requireTriggersToRun } from "./preconditions/server-settings";
import { requireSessions } from "./preconditions/session-limit";
import { requireNothingElseToFill } from "./preconditions/vault-defaults";
import { requireVaultId } from "./preconditions/vault-id";
import { requireVaultValues } from "./preconditions/vault-values";
import { readSchemaFacts } from "./schema-facts";
import type { SchemaFacts, Wallets } from "./wallets";

/**
 * Reads the catalog and refuses whatever would make a transfer fail half-way, or do something else than it says. Changes nothing,
 * and holds a lock for a moment at most.
 *
 * @param moment `preview`: the constraint may be missing still; `apply`: it must be there
 * @throws WalletVaultError ERR_SERVER_*, ERR_CONNECTION_LIMIT, ERR_TABLE_*, ERR_COLUMN_*, ERR_PRIVILEGE, ERR_ROWS_HIDDEN,
 *   ERR_VAULT_ID, ERR_PUBLICATION, ERR_CONFIGURATION, ERR_ARBITER
 */
export async function requirePreconditions(
  client: Client,
  wallets: Wallets,
  moment: "preview" | "apply" = "apply",
): Promise<SchemaFacts> {
  await requireSupportedServer(client);
  await requireTriggersToRun(client);
  await requireTrackCounts(client);
  await requireSessions(client);
  await requireSchemaUsage(client, wallets.schema);
  const credentials = await requireTable(client, wallets.schema, wallets.credentialsTable);
  const vault = await requireTable(client, wallets.schema, wallets.vaultTable);
  for (const table of [credentials, vault]) requireLoggedTable(table);
  requireColumns(credentials, credentialColumns);
  requireColumns(vault, vaultColumns);
  await requireNothingElseToFill(client, vault, wallets);
  await requireOneWalletPerId(client, credentials, vault);
  await requireVaultId(client, vault);
  await requireNoRules(client, credentials, vault);
  await requireColumnPrivileges(client, credentials, vault, wallets);
  await requireCodeOfTables(client, credentials, vault, wallets);
  for (const table of [credentials, vault]) requireAllRows(table);
  for (const table of [credentials, vault]) await requireUpdatesPublishable(client, table);
  await requireUpdatesPlanned(client, credentials, vault);
  await requireVaultValues(client, vault, wallets);
  if (moment === "apply") await requireArbiter(client, vault);
  return readSchemaFacts(client, credentials, vault);
}
