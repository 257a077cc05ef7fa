import type { Report } from "../postgres/report";
import { hasUnknown } from "../pulumi/unknown-value";
import type { Properties } from "./args";
import { liveConstraint, targetFrom } from "./read";

export interface Changes {
  readonly changes: boolean;
  /** Inputs whose change makes it another constraint. */
  readonly replaces: string[];
}

/**
 * Compares the declaration with the last result, and the last result with the catalog as it is now.
 *
 * A changed `name` alone is no change while a constraint serves: it names a constraint that has to be created. Deadlines
 * and lock limits do not describe the constraint.
 */
export async function diffConstraint(
  databaseUrl: string,
  olds: Properties,
  news: Properties,
  report: Report,
): Promise<Changes> {
  const recorded = targetFrom(olds);
  const declared = targetFrom(news);
  // This version cannot read the state, or a value is not known yet: the update decides.
  if (recorded === undefined || declared === undefined || hasUnknown(news)) return { changes: true, replaces: [] };
  const replaces: string[] = (["schema", "table"] as const).filter((key) => recorded[key] !== declared[key]);
  if (sorted(recorded.columns) !== sorted(declared.columns)) replaces.push("columns");
  if (replaces.length > 0) return { changes: true, replaces };

  const { name, index } = olds;
  if (typeof name !== "string" || typeof index !== "string") return { changes: true, replaces: [] };
  const found = drift(name, index, await liveConstraint(databaseUrl, recorded, name, false));
  if (found !== undefined) report(`${recorded.schema}.${recorded.table}: ${found}`);
  return { changes: found !== undefined, replaces: [] };
}

/** What somebody changed, as a sentence; undefined where the catalog is as recorded. */
function drift(name: string, index: string, live: { name: string; index: string } | undefined): string | undefined {
  if (live === undefined) return `constraint ${name} is gone or no longer serves ON CONFLICT`;
  if (live.name !== name || live.index !== index) return `${live.name} serves ON CONFLICT now, in place of ${name}`;
  return undefined;
}

const sorted = (columns: readonly string[]): string => JSON.stringify([...columns].sort());
