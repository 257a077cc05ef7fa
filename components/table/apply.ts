import { namingEventTriggers } from "../postgres/catalog/event-triggers";
import { retryOnCatalogRace } from "../postgres/catalog/race-retry";
import { type Client, withClient, withTransaction } from "../postgres/connection";
import { WalletVaultError } from "../postgres/errors";
import { withLockRetry } from "../postgres/lock-retry";
import { quoteIdent, quoteQualified } from "../postgres/quote";
import type { Report } from "../postgres/report";
import { withRoleSettings } from "../postgres/role-settings";
import { requireSupportedServer } from "../postgres/server-version";
import { displayName } from "../postgres/printable";
import type { TableInputs, TableOutputs } from "./args";
import { readCatalogTable } from "./catalog";
import { formatColumn } from "./differences";
import { requireMakeable } from "./preconditions";

/**
 * Makes the table where it is missing, and takes away what others hold on it: default privileges may give a new table to every
 * role. One transaction, so that nobody ever sees it with those privileges. Run again, it changes nothing.
 *
 * @throws WalletVaultError what requireMakeable throws; ERR_LOCK_DEADLINE
 */
export function applyTable(databaseUrl: string, inputs: TableInputs, report: Report): Promise<TableOutputs> {
  const doing = `making table ${displayName(inputs)}`;
  return withClient(databaseUrl, { purpose: doing }, async (client) => {
    await requireSupportedServer(client);
    const live = await requireMakeable(client, inputs);
    try {
      return await withLockRetry(client, inputs, doing, live === undefined ? [] : [live.oid], report, () =>
        retryOnCatalogRace(() => withTransaction(client, "read write", () => settle(client, inputs, report))),
      );
    } catch (error) {
      throw await namingEventTriggers(client, error, doing);
    }
  });
}

/** The inside of the transaction. What an event trigger made of the table is found, and nothing is kept then. */
async function settle(client: Client, inputs: TableInputs, report: Report): Promise<TableOutputs> {
  if ((await readCatalogTable(client, inputs)) === undefined)
    await withRoleSettings(client, () => client.query(createTable(inputs)));
  const made = await requireMakeable(client, inputs);
  if (made !== undefined && made.grantees.length > 0) {
    for (const grantee of made.grantees) await withRoleSettings(client, () => client.query(revoke(inputs, grantee)));
    report(`revoked on ${displayName(inputs)}: ${made.privileges.join("; ")}`);
  }
  const left = await requireMakeable(client, inputs);
  if (left === undefined || left.privileges.length > 0)
    throw new WalletVaultError(
      "ERR_PRIVILEGE",
      `Table ${displayName(inputs)} was made, and ${left === undefined ? "is not there" : left.privileges.join("; ")}.`,
      "An event trigger of the database may be the cause; nothing was committed.",
    );
  return { ...inputs, owner: left.owner, drift: [] };
}

/** Every type with its schema: it is read in the role's search path, which event triggers find. */
function createTable(inputs: TableInputs): string {
  const columns = inputs.columns.map((column) => `${quoteIdent(column.name)} ${formatColumn(column)}`);
  return `create table ${quoteQualified(inputs.schema, inputs.name)} (${columns.join(", ")},
            primary key (${inputs.primaryKey.map(quoteIdent).join(", ")}))`;
}

/** Table-level, which takes away what is granted on single columns as well (PostgreSQL manual, REVOKE). */
const revoke = (inputs: TableInputs, grantee: string | null): string =>
  `revoke all on table ${quoteQualified(inputs.schema, inputs.name)} from ${grantee === null ? "public" : quoteIdent(grantee)} cascade`;
