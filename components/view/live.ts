import type { Client } from "../postgres/connection";

/** A relation as the catalog has it at this moment. */
export interface LiveView {
  readonly oid: number;
  /** pg_class.relkind: `v` is a plain view, and only then is there a definition. */
  readonly kind: string;
  readonly owner: string;
  readonly definition: string | null;
  /** pg_class.reloptions: `security_barrier=true`. */
  readonly options: readonly string[];
  readonly columns: readonly string[];
  /** What others than the owner hold, on the view or on one of its columns. */
  readonly privileges: readonly Privilege[];
  /** The server's major, because each prints definitions in its own way. */
  readonly major: number;
}

export interface Privilege {
  /** null is PUBLIC: everybody. */
  readonly grantee: string | null;
  /** SELECT, INSERT, … as aclexplode names it. */
  readonly privilege: string;
  readonly grantable: boolean;
  /** True where it is held on the whole view, false where only on one of its columns. */
  readonly whole: boolean;
}

/** The relation of this name, or undefined. */
export async function liveView(client: Client, schema: string, name: string): Promise<LiveView | undefined> {
  const { rows } = await client.query<LiveView>(
    `select c.oid, c.relkind::text as kind, pg_get_userbyid(c.relowner)::text as owner,
            case when c.relkind = 'v' then pg_get_viewdef(c.oid) end as definition,
            coalesce(c.reloptions, '{}') as options,
            array(select a.attname::text from pg_attribute a
                   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum) as columns,
            (select coalesce(json_agg(p), '[]') from (
               select distinct case when acl.grantee <> 0 then pg_get_userbyid(acl.grantee) end as grantee,
                      acl.privilege_type as privilege, acl.is_grantable as grantable, own.whole
                 from (select c.relacl as items, true as whole
                       union all
                       select a.attacl, false from pg_attribute a where a.attrelid = c.oid and not a.attisdropped) own,
                      aclexplode(own.items) acl
                where acl.grantee <> c.relowner
                order by 1, 2) p) as privileges,
            current_setting('server_version_num')::int / 10000 as major
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = $2`,
    [schema, name],
  );
  return rows[0];
}

/** The view and what it reads from: the relations whose locks its replacement needs. */
export async function relationsOf(client: Client, view: number): Promise<number[]> {
  const { rows } = await client.query<{ oid: number }>(
    `select distinct d.refobjid as oid
       from pg_rewrite r
       join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
      where r.ev_class = $1`,
    [view],
  );
  return [view, ...rows.map((row) => row.oid)];
}
