import { type Client, withClient } from "../postgres/connection";
import { WalletVaultError } from "../postgres/errors";
import { quoteIdent, quoteQualified } from "../postgres/quote";
import { requireSupportedServer } from "../postgres/server-version";
import { displayName } from "../postgres/printable";
import type { TableInputs } from "./args";
import { type CatalogTable, readCatalogTable } from "./catalog";
import { differences } from "./differences";

/** Everything that stops a preview. Reads the catalog only. @throws WalletVaultError see requireMakeable */
export function checkTable(databaseUrl: string, inputs: TableInputs): Promise<void> {
  const session = { purpose: `checking table ${displayName(inputs)}`, readOnly: true };
  return withClient(databaseUrl, session, async (client) => {
    await requireSupportedServer(client);
    await requireMakeable(client, inputs);
  });
}

/**
 * The declared table where it is there; undefined where it can be made. Nothing of another table is ever changed.
 *
 * The owner must be the connected role, and nobody's code may run with the table: whoever made it before us could otherwise write
 * rows that are believed, or have code run with our rights.
 *
 * @throws WalletVaultError ERR_NAME_TAKEN, ERR_PRIVILEGE, ERR_TABLE_MISSING (no such schema)
 */
export async function requireMakeable(client: Client, inputs: TableInputs): Promise<CatalogTable | undefined> {
  const where = displayName(inputs);
  const { role, exists, mayCreate } = await placeOf(client, inputs);
  if (!exists)
    throw new WalletVaultError(
      "ERR_TABLE_MISSING",
      `There is no schema ${inputs.schema} for table ${inputs.name}.`,
      "Check the configuration (schema) and that databaseUrl names the right database.",
    );
  const live = await readCatalogTable(client, inputs);
  if (live === undefined) {
    if (mayCreate) return undefined;
    throw new WalletVaultError(
      "ERR_PRIVILEGE",
      `Role ${role} lacks USAGE or CREATE on schema ${inputs.schema}, so it cannot make table ${where}.`,
      `Have the schema's owner run: grant usage, create on schema ${quoteIdent(inputs.schema)} to ${quoteIdent(role)};`,
    );
  }
  const faults = differences(inputs, live);
  if (faults.length > 0)
    throw new WalletVaultError(
      "ERR_NAME_TAKEN",
      `${where} is not the table of this program: ${faults.join("; ")}.`,
      "Nothing is dropped or altered to make room. Where it is this program's own and was changed by hand, change it back or drop it (what it holds is found again); else rename it.",
    );
  if (live.owner !== role)
    throw new WalletVaultError(
      "ERR_NAME_TAKEN",
      `Table ${where} belongs to ${live.owner}, and not to ${role}: whoever owns it can write into it what this program would believe.`,
      `If that is a login of yours from before: alter table ${quoteQualified(inputs.schema, inputs.name)} owner to ${quoteIdent(role)}; else rename or drop it.`,
    );
  return live;
}

async function placeOf(
  client: Client,
  { schema }: TableInputs,
): Promise<{ role: string; exists: boolean; mayCreate: boolean }> {
  const { rows } = await client.query<{ role: string; exists: boolean; mayCreate: boolean }>(
    `select current_user::text as role, n.oid is not null as exists,
            coalesce(has_schema_privilege(n.oid, 'usage') and has_schema_privilege(n.oid, 'create'), false) as "mayCreate"
       from (values (1)) one left join pg_namespace n on n.nspname = $1`,
    [schema],
  );
  return rows[0]!;
}
