import { requireTable } from "../postgres/catalog/table";
import { withClient } from "../postgres/connection";
import { WalletVaultError } from "../postgres/errors";
import { reportAs } from "../postgres/report";
import { defaults, type Properties } from "./args";
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
export function targetFrom(properties: Properties): ConstraintTarget | undefined {
  const { schema, table, columns } = properties;
  if (typeof schema !== "string" || typeof table !== "string" || !Array.isArray(columns)) return undefined;
  return { schema, table, columns: columns.map(String) };
}

/**
 * The live state, for `pulumi refresh`. Where nothing serves ON CONFLICT any more the resource is gone: an empty id
 * takes it out of the state, and the next update makes it again.
 */
export async function readConstraint(databaseUrl: string, id: string, props: Properties) {
  const target = targetFrom(props);
  const live = target && (await liveConstraint(databaseUrl, target, String(props["name"]), true));
  if (live === undefined) {
    reportAs("constraint")(`nothing makes ${id} unique for ON CONFLICT any more`);
    return { id: "", props: {} };
  }
  return { id, props: { ...props, ...live, arbiterProven: true } };
}

/** The constraint that serves ON CONFLICT now, or the index where PostgreSQL can make no constraint of it. */
export interface LiveConstraint {
  readonly name: string;
  readonly index: string;
}

/**
 * The constraint as it is in the database now; undefined where there is none, or no such table. A bare unique index also
 * satisfies ON CONFLICT, but an update would make a constraint of it: accepted here, it would hide that somebody dropped
 * the constraint.
 *
 * @param name among several that serve, the one meant
 * @param proven true: PostgreSQL is asked whether it would choose that index
 */
export async function liveConstraint(
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
