import { namingEventTriggers } from "../postgres/catalog/event-triggers";
import { withClient, withTransaction } from "../postgres/connection";
import { sqlstateOf } from "../postgres/errors";
import { withLockRetry } from "../postgres/lock-retry";
import type { Report } from "../postgres/report";
import { dependentObjectsStillExist } from "../postgres/sqlstate";
import { displayName } from "../postgres/printable";
import type { ViewOutputs } from "./args";
import { readCatalogViewWithRetry } from "./catalog";
import { retryOnCatalogRace } from "../postgres/catalog/race-retry";
import { blockedByDependents } from "./dependents";
import { explainError } from "./explain-error";
import { dropView } from "./statements";

/**
 * Drops the view. Where there is none, or the name belongs to something else or to somebody else by now, it does nothing.
 *
 * @throws WalletVaultError ERR_DEPENDANTS, ERR_LOCK_DEADLINE, ERR_PRIVILEGE
 */
export function deleteView(databaseUrl: string, spec: ViewOutputs, report: Report): Promise<void> {
  const doing = `dropping view ${displayName(spec)}`;
  return withClient(databaseUrl, { purpose: doing }, async (client) => {
    const catalogView = await readCatalogViewWithRetry(client, spec, doing, report);
    if (catalogView === undefined) return;
    if (catalogView.kind !== "v") return report(`${displayName(spec)} is no longer a view, and stays`);
    if (catalogView.owner !== spec.owner)
      return report(`${displayName(spec)} belongs to ${catalogView.owner} by now, was ${spec.owner}, and stays`);
    try {
      await withLockRetry(client, spec, doing, [catalogView.oid], report, () =>
        retryOnCatalogRace(() => withTransaction(client, "read write", () => dropView(client, spec))),
      );
    } catch (error) {
      const depended = sqlstateOf(error) === dependentObjectsStillExist;
      const blocked = depended && (await blockedByDependents(client, { ...spec, oid: catalogView.oid }, "dropped"));
      throw blocked || explainError(await namingEventTriggers(client, error, doing), spec);
    }
  });
}
