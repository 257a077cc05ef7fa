import type { Client } from "../postgres/connection";
import { withLockRetry } from "../postgres/lock-retry";
import type { Report } from "../postgres/report";
import type { ViewInputs } from "./args";

/** A relation as the catalog has it at this moment. */
export interface CatalogView {
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
  /** Declared readers that exist and do not hold SELECT on the whole view. */
  readonly lackingSelect: readonly string[];
  /** Declared readers that exist and may not enter the schema, where the connected role may let them in. */
  readonly lackingUsage: readonly string[];
  /** Declared readers that are no roles: dropped by hand, or not made yet. */
  readonly missingReaders: readonly string[];
  /** The server's major, because each prints definitions in its own way. */
  readonly major: number;
}

export interface Privilege {
  /** null is PUBLIC: everybody. */
  readonly grantee: string | null;
  /** SELECT, INSERT, … as aclexplode names it. */
  readonly privilege: string;
  readonly grantable: boolean;
}

type Declared = Pick<ViewInputs, "schema" | "name" | "readers">;

/**
 * The relation of this name, or undefined. PostgreSQL prints a definition under ACCESS SHARE locks on all that the view
 * reads from: without a lock timeout this waits for as long as somebody keeps one of those tables locked.
 */
export async function readCatalogView(client: Client, inputs: Declared): Promise<CatalogView | undefined> {
  const { rows } = await client.query<CatalogView>(
    `select c.oid, c.relkind::text as kind, pg_get_userbyid(c.relowner)::text as owner,
            case when c.relkind = 'v' then pg_get_viewdef(c.oid) end as definition,
            coalesce(c.reloptions, '{}') as options,
            array(select a.attname::text from pg_attribute a
                   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum) as columns,
            (select coalesce(json_agg(p), '[]') from (
               select distinct case when acl.grantee <> 0 then pg_get_userbyid(acl.grantee) end as grantee,
                      acl.privilege_type as privilege, acl.is_grantable as grantable
                 from (select c.relacl as items
                       union all
                       select a.attacl from pg_attribute a where a.attrelid = c.oid and not a.attisdropped) own,
                      aclexplode(own.items) acl
                where acl.grantee <> c.relowner
                order by 1, 2) p) as privileges,
            array(select r.rolname::text from pg_roles r
                   where r.rolname = any($3::text[]) and r.oid <> c.relowner
                     and not exists (select from aclexplode(c.relacl) acl
                                      where acl.grantee = r.oid and acl.privilege_type = 'SELECT')
                   order by 1) as "lackingSelect",
            array(select r.rolname::text from pg_roles r
                   where r.rolname = any($3::text[]) and not has_schema_privilege(r.oid, n.oid, 'usage')
                     and has_schema_privilege(n.oid, 'usage with grant option')
                   order by 1) as "lackingUsage",
            array(select reader from unnest($3::text[]) reader
                   where not exists (select from pg_roles r where r.rolname = reader) order by 1) as "missingReaders",
            current_setting('server_version_num')::int / 10000 as major
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = $2`,
    [inputs.schema, inputs.name, inputs.readers],
  );
  return rows[0];
}

/**
 * The same for a session that is in no transaction: says for whom it waits, and gives up at the deadline.
 *
 * @param doing the work, for the message: `comparing view public.v`
 * @throws WalletVaultError ERR_LOCK_DEADLINE
 */
export async function readCatalogViewWithRetry(
  client: Client,
  inputs: ViewInputs,
  doing: string,
  report: Report,
): Promise<CatalogView | undefined> {
  const relations = await relationsOf(client, inputs);
  return withLockRetry(client, inputs, doing, relations, report, () => readCatalogView(client, inputs));
}

/** The view and what it reads from: the relations whose locks its replacement needs. Empty where there is none. */
export async function relationsOf(client: Client, view: { schema: string; name: string }): Promise<number[]> {
  const { rows } = await client.query<{ oid: number }>(
    `with view as (
       select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and c.relname = $2
     )
     select oid from view
     union
     select d.refobjid
       from view
       join pg_rewrite r on r.ev_class = view.oid
       join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass`,
    [view.schema, view.name],
  );
  return rows.map((row) => row.oid);
}
