import type { Table } from "../../postgres/catalog/table";
import type { Client } from "../../postgres/connection";
import type { IndexFacts } from "./classification";

/** SQL: every index of table $1, as its own catalog rows tell it. In JSON an oid would be a text; a float8 is a number. */
const indexes = `
  select i.indexrelid::int8::float8 as oid, c.relname::text as name, keys.columns,
         i.indisunique as unique, i.indisexclusion as exclusion, i.indpred is not null as partial,
         i.indimmediate as immediate, i.indisvalid as valid, i.indisready as ready, i.indislive as live,
         m.amname = 'btree' and keys.plain as plain,
         k.conname::text as constraint,
         case k.contype when 'u' then 'unique' when 'p' then 'primary' end as "constraintKind"
    from pg_index i
    join pg_class c on c.oid = i.indexrelid
    join pg_am m on m.oid = c.relam
    left join pg_constraint k on k.conindid = i.indexrelid and k.conrelid = i.indrelid and k.contype in ('p', 'u', 'x')
    cross join lateral (
      select array_agg(a.attname::text order by n) as columns,
             bool_and(i.indoption[n - 1] = 0 and o.opcdefault and ia.attoptions is null
                      and i.indcollation[n - 1] = coalesce(a.attcollation, 0)) as plain
        from generate_series(1, i.indnkeyatts) n
        join pg_opclass o on o.oid = i.indclass[n - 1]
        join pg_attribute ia on ia.attrelid = i.indexrelid and ia.attnum = n
        left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[n - 1] and a.attnum <> 0
    ) keys
   where i.indrelid = $1::oid
   order by i.indexrelid`;

/** What bears the name that a constraint would need: a relation of its schema, or a constraint of its table. */
export interface NameHolder {
  readonly oid: number;
  readonly kind: "constraint" | "relation";
  /** `a view`, `an index of table public.t`, `a check constraint of that table` */
  readonly description: string;
}

/** SQL: who bears name $3 in schema $2 or on table $1. */
const nameHolders = `
  select c.oid::int8::float8 as oid, 'relation' as kind,
         case c.relkind when 'r' then 'a table' when 'p' then 'a partitioned table' when 'v' then 'a view'
              when 'm' then 'a materialized view' when 'S' then 'a sequence' when 'f' then 'a foreign table'
              when 'i' then 'an index' when 'I' then 'a partitioned index' else 'a type' end
           || coalesce((select ' of table ' || i.indrelid::regclass from pg_index i where i.indexrelid = c.oid), '')
           as description
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = $2 and c.relname = $3
  union all
  select k.oid::int8::float8, 'constraint',
         case k.contype when 'c' then 'a check' when 'f' then 'a foreign key' when 'n' then 'a not-null'
              when 'x' then 'an exclusion' when 'p' then 'a primary key' when 'u' then 'a unique' else 'a trigger' end
           || ' constraint of that table'
    from pg_constraint k
   where k.conrelid = $1::oid and k.conname = $3`;

/** SQL: rules of table $1 with which ON CONFLICT is refused or loses rows; those on update even where they are disabled. */
const rules = `
  select r.rulename::text as name from pg_rewrite r
   where r.ev_class = $1::oid and (r.ev_type = '2' or (r.ev_type = '3' and r.ev_enabled in ('O', 'A')))
   order by 1`;

/** What the connected role may do, beyond owning the table. */
export interface Privileges {
  readonly role: string;
  /** May create objects in the table's schema. */
  readonly create: boolean;
  /** May insert into the table and read the columns: what ON CONFLICT asks for. */
  readonly upsert: boolean;
}

/** SQL: the same for schema $2, table $1 and columns $4. */
const privileges = `
  select current_user::text as role,
         has_schema_privilege(n.oid, 'create') as create,
         has_any_column_privilege($1::oid, 'insert')
           and (select bool_and(has_column_privilege($1::oid, name, 'select')) from unnest($4::text[]) name) as upsert
    from pg_namespace n where n.nspname = $2`;

/** All that decides the next step. */
export interface CatalogFacts {
  readonly indexes: readonly IndexFacts[];
  readonly nameHolders: readonly NameHolder[];
  /** Names of the rules that keep ON CONFLICT from being used at all. */
  readonly rules: readonly string[];
  readonly privileges: Privileges;
}

/**
 * Looks at everything in one statement. In two, an index that another run makes in between would be missing from the
 * first answer and bear a taken name in the second.
 */
export async function readCatalog(
  client: Client,
  table: Table,
  columns: readonly string[],
  name: string,
): Promise<CatalogFacts> {
  const { rows } = await client.query<CatalogFacts>(
    `select coalesce((select json_agg(i) from (${indexes}) i), '[]') as indexes,
            coalesce((select json_agg(h) from (${nameHolders}) h), '[]') as "nameHolders",
            array(${rules}) as rules,
            (select to_json(p) from (${privileges}) p) as privileges`,
    [table.oid, table.schema, name, columns],
  );
  const noPrivileges = { role: "unknown", create: false, upsert: false };
  return rows[0] ?? { indexes: [], nameHolders: [], rules: [], privileges: noPrivileges };
}

/** Every index of a table. */
export async function indexesOf(client: Client, table: number): Promise<IndexFacts[]> {
  return (await client.query<IndexFacts>(indexes, [table])).rows;
}
