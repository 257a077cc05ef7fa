import { randomUUID } from "node:crypto";
import { withClient, withTransaction, type Client } from "../postgres/connection";
import { sqlstateOf, WalletVaultError } from "../postgres/errors";
import { enabledEventTriggers, namingEventTriggers } from "../postgres/event-triggers";
import type { Report } from "../postgres/progress";
import { dependentObjectsStillExist, invalidTableDefinition } from "../postgres/sqlstate";
import { withLockRetry } from "../postgres/waiting";
import { grantShortfall, revokeExcess } from "./access";
import { throughCollisions } from "./collisions";
import { blockedByDependants } from "./dependants";
import { liveView, relationsOf } from "./live";
import { requirePlace } from "./preconditions";
import { proven } from "./proof";
import { refused } from "./refusal";
import { displayName, type ViewSpec, type ViewState } from "./spec";
import { createOrReplaceView, dropView, giveTo, rightfulOwner } from "./statements";

/**
 * Makes the view what it is declared to be, whatever there is now, and proves it. Running it again changes nothing but
 * what somebody else changed. All of it is one transaction: nobody ever sees the view with other people's privileges,
 * or without the readers'.
 *
 * @param recordedOwner who owned it when it was last proven; undefined where it was not made by us yet
 * @throws WalletVaultError what requirePlace throws; ERR_DEPENDANTS, ERR_LOCK_DEADLINE, ERR_VIEW_NOT_PROVEN, ERR_PRIVILEGE,
 *   ERR_CONFIGURATION (PostgreSQL refuses the query)
 */
export function ensureView(
  databaseUrl: string,
  spec: ViewSpec,
  recordedOwner: string | undefined,
  report: Report,
): Promise<ViewState> {
  const doing = `making view ${displayName(spec)}`;
  return withClient(databaseUrl, { purpose: doing }, async (client) => {
    await requirePlace(client, spec, "apply", report);
    const relations = await relationsOf(client, spec);
    try {
      return await withLockRetry(client, spec, doing, relations, report, () =>
        throughCollisions(() => replaceOrRecreate(client, spec, recordedOwner, report)),
      );
    } catch (error) {
      throw refused(await namingEventTriggers(client, error, doing), spec);
    }
  });
}

async function replaceOrRecreate(
  client: Client,
  spec: ViewSpec,
  recordedOwner: string | undefined,
  report: Report,
): Promise<ViewState> {
  const settle = (recreate: boolean) => () => settled(client, spec, recordedOwner, report, recreate);
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
    const blocked = await liveView(client, spec);
    throw (blocked && (await blockedByDependants(client, { ...spec, oid: blocked.oid }, "replaced"))) ?? error;
  }
}

/** The inside of the transaction. */
async function settled(
  client: Client,
  spec: ViewSpec,
  recordedOwner: string | undefined,
  report: Report,
  recreate: boolean,
): Promise<ViewState> {
  const owner = await rightfulOwner(client, recordedOwner);
  if (recreate) await dropView(client, spec);
  await createOrReplaceView(client, spec);
  const made = await required(client, spec);
  if (made.owner !== owner) await giveTo(client, spec, owner);
  await revokeExcess(client, spec, await required(client, spec), report);
  // Afterwards: a reader's SELECT may go with a grant option that is taken from somebody else.
  await grantShortfall(client, spec, await required(client, spec), report);
  return proven(spec, owner, await required(client, spec), await definitionOfTwin(client, spec));
}

/**
 * The query as PostgreSQL prints it of a view that is made again under a name nobody knows, and undone: what an event trigger
 * makes of the view itself would otherwise be recorded as what was declared. Undefined where there is no event trigger.
 */
async function definitionOfTwin(client: Client, spec: ViewSpec): Promise<string | undefined> {
  if ((await enabledEventTriggers(client)).length === 0) return undefined;
  const twin = { ...spec, name: randomUUID() };
  await client.query("savepoint wallet_vault_twin");
  await createOrReplaceView(client, twin);
  const { definition } = await required(client, twin);
  await client.query("rollback to savepoint wallet_vault_twin");
  return definition ?? "";
}

async function required(client: Client, spec: ViewSpec) {
  const live = await liveView(client, spec);
  if (live !== undefined) return live;
  throw new WalletVaultError(
    "ERR_VIEW_NOT_PROVEN",
    `View ${displayName(spec)} was made and is not there.`,
    "An event trigger of the database may have dropped it; nothing was committed.",
  );
}
