import type * as dynamic from "@pulumi/pulumi/dynamic";
import { withClient } from "../postgres/connection";
import type { Report } from "../postgres/report";
import { displayName } from "../postgres/printable";
import type { ViewInputs, ViewOutputs } from "./args";
import { readCatalogViewWithRetry } from "./catalog";
import { driftOf } from "./drift";
import { declaredOptions, optionDifferences } from "./options";

/**
 * Whether the declaration, or the live view, changed since the last run. Asks the database every time, so that drift
 * shows in a preview without a refresh. Reads only.
 */
export async function diffView(
  databaseUrl: string,
  olds: ViewOutputs,
  news: ViewInputs,
  report: Report,
): Promise<dynamic.DiffResult> {
  const replaces = (["schema", "name"] as const).filter((key) => olds[key] !== news[key]);
  if (replaces.length > 0) return { changes: true, replaces };
  if (declarationChanged(olds, news)) return { changes: true };

  const doing = `comparing view ${displayName(olds)}`;
  const catalogView = await withClient(databaseUrl, { purpose: doing, readOnly: true }, (client) =>
    readCatalogViewWithRetry(client, news, doing, report),
  );
  const drift = driftOf(olds, catalogView);
  // Pulumi's own diff shows inputs, which are the same: only this line says why there is an update.
  if (drift.length > 0) report(drift.join("; "));
  return { changes: drift.length > 0 };
}

/** Lock limits and what may be missing do not describe the view: their change is no reason for an update. */
function declarationChanged(olds: ViewOutputs, news: ViewInputs): boolean {
  return (
    olds.query !== news.query ||
    optionDifferences(declaredOptions(olds.options), declaredOptions(news.options)).length > 0 ||
    // The same roles in another order are the same readers.
    [...olds.readers].sort().join("\0") !== [...news.readers].sort().join("\0") ||
    // Found by a refresh, which put the live values where the declared inputs were: an update brings those back too.
    (olds.drift ?? []).length > 0
  );
}
