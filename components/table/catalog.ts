import type { Client } from "../postgres/connection";
import type { TableColumn } from "./args";

/** A relation of the table's name as the catalog has it at this moment. */
export interface CatalogTable {
  readonly oid: number;
  readonly owner: string;
  readonly columns: readonly TableColumn[];
  readonly primaryKey: readonly string[];
  /** What makes it another thing than a plain table that nobody else's code runs with: `it has trigger audit`. */
  readonly oddities: readonly string[];
  /** `anon holds INSERT, SELECT`, one for each who holds something besides the owner. */
  readonly privileges: readonly string[];
  /** Those who hold something; null is PUBLIC. */
  readonly grantees: readonly (string | null)[];
}

/** The relation of this name, of whatever kind; undefined where the name is free. Reads the catalog only. */
export async function readCatalogTable(
  client: Client,
  { schema, name }: { readonly schema: string; readonly name: string },
): Promise<CatalogTable | undefined> {
  const { rows } = await client.query<CatalogTable>(
    `with t as (
       select c.* , c.oid as relation from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and c.relname = $2
     ), held as (
       select case when acl.grantee <> 0 then pg_get_userbyid(acl.grantee)::text end as grantee, acl.privilege_type as privilege
         from t, lateral (select t.relacl as items union all
                          select a.attacl from pg_attribute a where a.attrelid = t.relation and not a.attisdropped) own,
              aclexplode(own.items) acl
        where acl.grantee <> t.relowner
     ), odd as (
       select 1 as rank, 'it is no plain table' as oddity from t where t.relkind <> 'r'
       union all select 2, 'it is not logged' from t where t.relpersistence <> 'p'
       union all select 3, 'it is a part of an inheritance tree' from t
                  where t.relispartition or exists (select from pg_inherits i where t.relation in (i.inhrelid, i.inhparent))
       union all select 4, 'it is made of a type' from t where t.reloftype <> 0
       union all select 5, 'it has row-level security' from t
                  where t.relrowsecurity or t.relforcerowsecurity or exists (select from pg_policy p where p.polrelid = t.relation)
       union all select 6, 'it has trigger ' || g.tgname from t join pg_trigger g on g.tgrelid = t.relation
       union all select 7, 'it has rule ' || r.rulename from t join pg_rewrite r on r.ev_class = t.relation
       union all select 8, 'it has constraint ' || k.conname from t join pg_constraint k on k.conrelid = t.relation
                  where k.contype not in ('p', 'n') or k.condeferrable
       union all select 9, 'it has index ' || x.indexrelid::regclass::text from t join pg_index x on x.indrelid = t.relation
                  where not x.indisprimary or not x.indisvalid
       union all select 10, 'column ' || a.attname || ' has a default or is generated' from t join pg_attribute a on a.attrelid = t.relation
                  where a.attnum > 0 and not a.attisdropped and (a.atthasdef or a.attidentity <> '' or a.attgenerated <> '')
       union all select 11, 'column ' || a.attname || ' has a modifier' from t join pg_attribute a on a.attrelid = t.relation
                  where a.attnum > 0 and not a.attisdropped and a.atttypmod >= 0
     )
     select t.relation::int8 as oid, pg_get_userbyid(t.relowner)::text as owner,
            (select coalesce(json_agg(json_build_object(
                      'name', a.attname, 'type', format('%I.%I', tn.nspname, ty.typname),
                      'collation', case when a.attcollation <> ty.typcollation then format('%I.%I', ln.nspname, l.collname) end,
                      'notNull', a.attnotnull) order by a.attnum), '[]')
               from pg_attribute a
               join pg_type ty on ty.oid = a.atttypid join pg_namespace tn on tn.oid = ty.typnamespace
               left join pg_collation l on l.oid = a.attcollation left join pg_namespace ln on ln.oid = l.collnamespace
              where a.attrelid = t.relation and a.attnum > 0 and not a.attisdropped) as columns,
            array(select a.attname::text from pg_constraint k
                    cross join lateral unnest(k.conkey) with ordinality part (attnum, place)
                    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = part.attnum
                   where k.conrelid = t.relation and k.contype = 'p' order by part.place) as "primaryKey",
            array(select o.oddity from odd o order by o.rank, o.oddity) as oddities,
            array(select coalesce(h.grantee, 'PUBLIC') || ' holds ' || string_agg(distinct h.privilege, ', ' order by h.privilege)
                    from held h group by h.grantee order by 1) as privileges,
            array(select distinct h.grantee from held h order by 1) as grantees
       from t`,
    [schema, name],
  );
  return rows[0];
}
