import { randomUUID } from "node:crypto";
import { enabledEventTriggers, namingEventTriggers } from "../postgres/catalog/event-triggers";
import { withClient, withTransaction, type Client } from "../postgres/connection";
import { sqlstateOf, WalletVaultError } from "../postgres/errors";
import { withLockRetry } from "../postgres/lock-retry";
import type { Report } from "../postgres/report";
import { dependentObjectsStillExist, invalidTableDefinition } from "../postgres/sqlstate";
import { displayName } from "../postgres/printable";
import type { ViewInputs, ViewOutputs } from "./args";
import { readCatalogView, relationsOf } from "./catalog";
import { retryOnCatalogRace } from "../postgres/catalog/race-retry";
import { blockedByDependents } from "./dependents";
import { explainError } from "./explain-error";
import { requirePreconditions } from "./preconditions";
import { grantMissingPrivileges, revokeExtraPrivileges } from "./privileges";
import { createOrReplaceView, desiredOwner, dropView, setOwner } from "./statements";
import { verifyView } from "./verify";

/**
 * Makes the view what it is declared to be, whatever there is now, and proves it. Running it again changes nothing but
 * what somebody else changed. All of it is one transaction: nobody ever sees the view with other people's privileges,
 * or without the readers'.
 *
 * @param recordedOwner who owned it when it was last proven; undefined where it was not made by us yet
 * @throws WalletVaultError what requirePreconditions throws; ERR_DEPENDANTS, ERR_LOCK_DEADLINE, ERR_VIEW_NOT_PROVEN, ERR_PRIVILEGE,
 *   ERR_CONFIGURATION (PostgreSQL refuses the query)
 */
export function applyView(
  databaseUrl: string,
  inputs: ViewInputs,
  recordedOwner: string | undefined,
  report: Report,
): Promise<ViewOutputs> {
  const doing = `making view ${displayName(inputs)}`;
  return withClient(databaseUrl, { purpose: doing }, async (client) => {
    await requirePreconditions(client, inputs, "apply", report);
    const relations = await relationsOf(client, inputs);
    try {
      return await withLockRetry(client, inputs, doing, relations, report, () =>
        retryOnCatalogRace(() => replaceOrRecreate(client, inputs, recordedOwner, report)),
      );
    } catch (error) {
      throw explainError(await namingEventTriggers(client, error, doing), inputs);
    }
  });
}

async function replaceOrRecreate(
  client: Client,
  inputs: ViewInputs,
  recordedOwner: string | undefined,
  report: Report,
): Promise<ViewOutputs> {
  const settle = (recreate: boolean) => () => settled(client, inputs, recordedOwner, report, recreate);
  try {
    return await withTransaction(client, "read write", settle(false));
  } catch (error) {
    // Columns were removed, renamed or retyped: PostgreSQL replaces a view only where it gains columns at the end.
    if (sqlstateOf(error) !== invalidTableDefinition) throw error;
  }
  try {
    return await withTransaction(client, "read write", settle(true));
  } catch (error) {
    if (sqlstateOf(error) !== dependentObjectsStillExist) throw error;
    const blocked = await readCatalogView(client, inputs);
    throw (blocked && (await blockedByDependents(client, { ...inputs, oid: blocked.oid }, "replaced"))) ?? error;
  }
}

/** The inside of the transaction. */
async function settled(
  client: Client,
  inputs: ViewInputs,
  recordedOwner: string | undefined,
  report: Report,
  recreate: boolean,
): Promise<ViewOutputs> {
  const owner = await desiredOwner(client, recordedOwner);
  if (recreate) await dropView(client, inputs);
  await createOrReplaceView(client, inputs);
  const made = await madeView(client, inputs);
  if (made.owner !== owner) await setOwner(client, inputs, owner);
  await revokeExtraPrivileges(client, inputs, await madeView(client, inputs), report);
  // Afterwards: a reader's SELECT may go with a grant option that is taken from somebody else.
  await grantMissingPrivileges(client, inputs, await madeView(client, inputs), report);
  return verifyView(inputs, owner, await madeView(client, inputs), await definitionOfTwin(client, inputs));
}

/**
 * The query as PostgreSQL prints it of a view that is made again under a name nobody knows, and undone: what an event trigger
 * makes of the view itself would otherwise be recorded as what was declared. Undefined where there is no event trigger.
 */
async function definitionOfTwin(client: Client, inputs: ViewInputs): Promise<string | undefined> {
  if ((await enabledEventTriggers(client)).length === 0) return undefined;
  const twin = { ...inputs, name: randomUUID() };
  await client.query("savepoint wallet_vault_twin");
  await createOrReplaceView(client, twin);
  const { definition } = await madeView(client, twin);
  await client.query("rollback to savepoint wallet_vault_twin");
  return definition ?? "";
}

async function madeView(client: Client, inputs: ViewInputs) {
  const catalogView = await readCatalogView(client, inputs);
  if (catalogView !== undefined) return catalogView;
  throw new WalletVaultError(
    "ERR_VIEW_NOT_PROVEN",
    `View ${displayName(inputs)} was made and is not there.`,
    "An event trigger of the database may have dropped it; nothing was committed.",
  );
}
