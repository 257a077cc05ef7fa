import type { Report } from "../postgres/report";
import type { Properties } from "./args";

/**
 * Keeps the constraint: it guards the vault against a second key for a credential also when nobody deploys any more,
 * and it may have been there before us.
 */
export async function deleteConstraint({ schema, table, name }: Properties, report: Report): Promise<void> {
  if (typeof name === "string") report(`constraint ${name} stays on ${String(schema)}.${String(table)}`);
}
