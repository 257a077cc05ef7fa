import { createHash } from "node:crypto";
import type { Client } from "pg";
import { isConnectionLoss, isServerError } from "../errors";
import { ownSettings } from "../role-settings";

/**
 * One query with what an error names; each name comes from the catalog, and is told only if it is found there. By digests:
 * a server that logs statements logs their parameters, and a trigger may have raised a key as a name.
 */
const lookUpObjects = `
  with place as (
    select c.oid, n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where md5(n.nspname) = $1 and md5(c.relname) = $2)
  select (select 'table ' || p.nspname || '.' || p.relname from place p) as table,
         (select 'column ' || a.attname from pg_attribute a join place p on p.oid = a.attrelid where md5(a.attname) = $3) as column,
         coalesce((select 'constraint ' || k.conname from pg_constraint k where md5(k.conname) = $4 limit 1),
                  (select 'index ' || c.relname from pg_class c where md5(c.relname) = $4 and c.relkind in ('i', 'I') limit 1)) as constraint`;

/**
 * The objects that an error of the server names, as far as the catalog knows them: `table public.t, constraint short`.
 * Undefined where it names none, or where they cannot be looked up. Ends the transaction that failed.
 */
export async function objectsNamedInError(client: Client, error: unknown): Promise<string | undefined> {
  if (!isServerError(error) || isConnectionLoss(error)) return undefined;
  const { schema, table, column, constraint } = error;
  if ([table, column, constraint].every((name) => name === undefined)) return undefined;
  try {
    await client.query("rollback");
    await client.query(`${ownSettings} set statement_timeout = '5s'`);
    const { rows } = await client.query<Record<"table" | "column" | "constraint", string | null>>(
      lookUpObjects,
      [schema, table, column, constraint].map((name) => name && createHash("md5").update(name).digest("hex")),
    );
    const [found] = rows;
    return found && [found.table, found.column, found.constraint].filter((name) => name !== null).join(", ");
  } catch {
    return undefined;
  }
}
