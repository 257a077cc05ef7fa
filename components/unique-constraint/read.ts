import { requireTable } from "../postgres/catalog/table";
import { withClient } from "../postgres/connection";
import { WalletVaultError } from "../postgres/errors";
import { reportAs } from "../postgres/report";
import { defaults } from "./args";
import { arbitersOf } from "./index/arbiter";
import { indexesOf } from "./index/catalog";
import { nextStep } from "./index/classification";

/** Which columns of which table, all that is needed to look for their constraint. */
export interface ConstraintTarget {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
}

/** Reads the place from inputs or outputs; undefined where they do not have it, as in a state of another version. */
export function targetFrom(properties: Readonly<Record<string, unknown>>): ConstraintTarget | undefined {
  const { schema, table, columns } = properties;
  if (typeof schema !== "string" || typeof table !== "string" || !Array.isArray(columns)) return undefined;
  return { schema, table, columns: columns.map(String) };
}

/** The constraint that serves ON CONFLICT now, or the index where PostgreSQL can make no constraint of it. */
export interface LiveConstraint {
  readonly name: string;
  readonly index: string;
}

/**
 * The constraint as it is in the database now; undefined where there is none, be it that the table is gone. A bare index
 * that an update would make the constraint of serves, but is none: taken for it, a constraint that somebody dropped would
 * never be missed.
 *
 * @param name among several that serve, the one meant
 * @param proven true: PostgreSQL is asked whether it would choose that index
 */
export async function readConstraint(
  databaseUrl: string,
  { schema, table: tableName, columns }: ConstraintTarget,
  name: string,
  proven: boolean,
): Promise<LiveConstraint | undefined> {
  return withClient(databaseUrl, { purpose: "reading a unique constraint", readOnly: true }, async (client) => {
    try {
      const table = await requireTable(client, schema, tableName);
      const step = nextStep(await indexesOf(client, table.oid), columns, name);
      if (step.do !== "adopt") return undefined;
      const { index } = step;
      if (proven) {
        const arbiters = await arbitersOf(client, table, columns, defaults, reportAs("constraint"));
        if (!arbiters.includes(index.name)) return undefined;
      }
      return { name: index.constraint ?? index.name, index: index.name };
    } catch (error) {
      if (error instanceof WalletVaultError && ["ERR_TABLE_MISSING", "ERR_TABLE_UNSUPPORTED"].includes(error.code))
        return undefined;
      throw error;
    }
  });
}
