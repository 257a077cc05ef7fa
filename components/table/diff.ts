import { isDeepStrictEqual } from "node:util";
import type * as dynamic from "@pulumi/pulumi/dynamic";
import { withClient } from "../postgres/connection";
import type { Report } from "../postgres/report";
import { displayName } from "../postgres/printable";
import type { TableInputs, TableOutputs } from "./args";
import { readCatalogTable } from "./catalog";

/**
 * Whether the table is gone or others hold something on it. Another shape, or another owner, is no diff but stops the preview; see
 * preconditions.ts.
 */
export async function diffTable(
  databaseUrl: string,
  olds: TableOutputs,
  news: TableInputs,
  report: Report,
): Promise<dynamic.DiffResult> {
  const replaces = (["schema", "name"] as const).filter((key) => olds[key] !== news[key]);
  if (replaces.length > 0) return { changes: true, replaces };
  if (!isDeepStrictEqual([olds.columns, olds.primaryKey], [news.columns, news.primaryKey])) return { changes: true };
  const drift = await driftOf(databaseUrl, news);
  if (drift.length > 0) report(drift.join("; "));
  return { changes: drift.length > 0 || (olds.drift ?? []).length > 0 };
}

/** What an update would put right, one clause each. */
export function driftOf(databaseUrl: string, table: TableInputs): Promise<readonly string[]> {
  const session = { purpose: `comparing table ${displayName(table)}`, readOnly: true };
  return withClient(databaseUrl, session, async (client) => {
    const live = await readCatalogTable(client, table);
    return live === undefined ? ["the table is gone"] : live.privileges;
  });
}
