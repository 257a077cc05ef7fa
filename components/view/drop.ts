import { withClient, withTransaction } from "../postgres/connection";
import { sqlstateOf } from "../postgres/errors";
import { namingEventTriggers } from "../postgres/event-triggers";
import type { Report } from "../postgres/progress";
import { dependentObjectsStillExist } from "../postgres/sqlstate";
import { withLockRetry } from "../postgres/waiting";
import { throughCollisions } from "./collisions";
import { blockedByDependants } from "./dependants";
import { liveViewInTime } from "./live";
import { displayName, type ViewState } from "./spec";
import { dropView } from "./statements";
import { refused } from "./refusal";

/**
 * Drops the view. Where there is none, or the name belongs to something else or to somebody else by now, it does nothing.
 *
 * @throws WalletVaultError ERR_DEPENDANTS, ERR_LOCK_DEADLINE, ERR_PRIVILEGE
 */
export function deleteView(databaseUrl: string, spec: ViewState, report: Report): Promise<void> {
  const doing = `dropping view ${displayName(spec)}`;
  return withClient(databaseUrl, { purpose: doing }, async (client) => {
    const live = await liveViewInTime(client, spec, doing, report);
    if (live === undefined) return;
    if (live.kind !== "v") return report(`${displayName(spec)} is no longer a view, and stays`);
    if (live.owner !== spec.owner)
      return report(`${displayName(spec)} belongs to ${live.owner} by now, was ${spec.owner}, and stays`);
    try {
      await withLockRetry(client, spec, doing, [live.oid], report, () =>
        throughCollisions(() => withTransaction(client, "read write", () => dropView(client, spec))),
      );
    } catch (error) {
      const depended = sqlstateOf(error) === dependentObjectsStillExist;
      const blocked = depended && (await blockedByDependants(client, { ...spec, oid: live.oid }, "dropped"));
      throw blocked || refused(await namingEventTriggers(client, error, doing), spec);
    }
  });
}
