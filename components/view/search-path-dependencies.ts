import type { Client } from "../postgres/connection";
import { quoteIdent } from "../postgres/quote";
import type { ViewInputs } from "./args";

/**
 * True where the view depends on a function, operator, type or collation that its query does not name with a schema: it was
 * found through the search path, which is the role's own here. What belongs to pg_catalog itself leaves no dependency.
 * Types of the columns that the view reads are the tables' own.
 */
export async function dependsOnSearchPath(client: Client, inputs: ViewInputs): Promise<boolean> {
  const { rows } = await client.query<{ schema: string; name: string }>(
    `with view as (
       select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2
     ), used as (
       select distinct d.refclassid, d.refobjid
         from pg_rewrite r join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
        where r.ev_class = (select v.oid from view v)
     )
     select n.nspname::text as schema, o.name::text as name
       from used u
       join (select 'pg_proc'::regclass as class, p.oid, p.pronamespace as namespace, p.proname as name from pg_proc p
             union all select 'pg_operator'::regclass, p.oid, p.oprnamespace, p.oprname from pg_operator p
             union all select 'pg_type'::regclass, t.oid, t.typnamespace, t.typname from pg_type t
              where not exists (select from pg_attribute a join used x on x.refclassid = 'pg_class'::regclass and x.refobjid = a.attrelid
                                 where a.atttypid = t.oid)
             union all select 'pg_collation'::regclass, l.oid, l.collnamespace, l.collname from pg_collation l
              where not exists (select from pg_attribute a join used x on x.refclassid = 'pg_class'::regclass and x.refobjid = a.attrelid
                                 where a.attcollation = l.oid)) o
         on o.class = u.refclassid and o.oid = u.refobjid
       join pg_namespace n on n.oid = o.namespace
      where n.nspname <> 'pg_catalog'`,
    [inputs.schema, inputs.name],
  );
  return rows.some(({ schema, name }) =>
    [schema, quoteIdent(schema)].every((prefix) =>
      [name, quoteIdent(name)].every((suffix) => !inputs.query.includes(`${prefix}.${suffix}`)),
    ),
  );
}
