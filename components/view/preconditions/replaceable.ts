import type { Client } from "../../postgres/connection";
import { sqlstateOf } from "../../postgres/errors";
import type { ViewInputs } from "../args";
import { blockedByDependents } from "../dependents";
import { explainError } from "../explain-error";

interface Column {
  readonly name: string;
  /** Oid of the type; null for a domain, of which a result tells its base type. */
  readonly type: number | null;
  readonly modifier: number;
}

/** Not there yet, not to be had now, or said better elsewhere: for the update to find out. */
const undecided = ["42P01", "3F000", "42601", "42501", "55P03"];

/**
 * Asks PostgreSQL what the query would return, without a row of it, and refuses what an update could not do: a query that
 * PostgreSQL does not accept; and columns that the view there has and would lose, for which it must be dropped, while others
 * depend on it. Reads only.
 *
 * @throws WalletVaultError ERR_CONFIGURATION, ERR_PRIVILEGE, ERR_DEPENDANTS
 */
export async function requireReplaceable(client: Client, inputs: ViewInputs): Promise<void> {
  const wanted = await columnsOfQuery(client, inputs);
  if (wanted === undefined) return;
  const { rows } = await client.query<{ oid: number; columns: Column[] }>(
    `select c.oid, (select coalesce(json_agg(json_build_object('name', a.attname, 'modifier', a.atttypmod,
                              'type', case when t.typtype <> 'd' then a.atttypid::int8 end) order by a.attnum), '[]')
                      from pg_attribute a join pg_type t on t.oid = a.atttypid
                     where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = $2 and c.relkind = 'v'`,
    [inputs.schema, inputs.name],
  );
  const [view] = rows;
  if (view === undefined || view.columns.every((column, n) => isSame(column, wanted[n]))) return;
  const where = { oid: view.oid, schema: inputs.schema, name: inputs.name };
  const blocked = await blockedByDependents(client, where, "replaced");
  if (blocked !== undefined) throw blocked;
}

const isSame = (column: Column, wanted: Column | undefined): boolean =>
  wanted !== undefined &&
  column.name === wanted.name &&
  (column.type === null || (column.type === wanted.type && column.modifier === wanted.modifier));

async function columnsOfQuery(client: Client, inputs: ViewInputs): Promise<Column[] | undefined> {
  await client.query(`set lock_timeout = ${Math.round(inputs.lockTimeoutMs)}`);
  try {
    const { fields } = await client.query({
      text: `select * from (\n${inputs.query.replace(/;\s*$/, "")}\n) q limit 0`,
      queryMode: "extended",
    } as { text: string });
    return fields.map(({ name, dataTypeID, dataTypeModifier }) => ({
      name,
      type: dataTypeID,
      modifier: dataTypeModifier,
    }));
  } catch (error) {
    if (undecided.includes(sqlstateOf(error) ?? "")) return undefined;
    throw explainError(error, inputs);
  } finally {
    await client.query("set lock_timeout = 0").catch(() => undefined);
  }
}
