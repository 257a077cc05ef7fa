import type { Client } from "../../postgres/connection";
import type { ViewInputs } from "../args";

/** What the catalog says of the place where the view is to be. */
export interface TargetFacts {
  readonly role: string;
  readonly major: number;
  readonly schema_exists: boolean;
  readonly may_create: boolean;
  /** pg_class.relkind of what has the name now; `T` for a type; null where the name is free. */
  readonly kind: string | null;
  readonly owner: string | null;
  readonly owned: boolean;
  readonly missing_readers: string[];
  readonly shut_out: string[];
  readonly may_let_in: boolean;
}

export async function targetFacts(client: Client, inputs: ViewInputs): Promise<TargetFacts> {
  const { rows } = await client.query<TargetFacts>(
    `select current_user::text as role, current_setting('server_version_num')::int / 10000 as major,
            n.oid is not null as schema_exists,
            coalesce(has_schema_privilege(n.oid, 'usage') and has_schema_privilege(n.oid, 'create'), false) as may_create,
            coalesce(c.relkind::text, case when t.oid is not null then 'T' end) as kind,
            pg_get_userbyid(c.relowner)::text as owner,
            coalesce(pg_has_role(c.relowner, 'usage'), false) as owned,
            array(select reader from unnest($3::text[]) reader
                   where not exists (select from pg_roles r where r.rolname = reader)) as missing_readers,
            array(select r.rolname::text from pg_roles r
                   where r.rolname = any($3::text[]) and not has_schema_privilege(r.oid, n.oid, 'usage')) as shut_out,
            coalesce(has_schema_privilege(n.oid, 'usage with grant option'), false) as may_let_in
       from (values (1)) one
       left join pg_namespace n on n.nspname = $1
       left join pg_class c on c.relnamespace = n.oid and c.relname = $2
       left join pg_type t on t.typnamespace = n.oid and t.typname = $2 and t.typelem = 0 and t.typrelid = 0`,
    [inputs.schema, inputs.name, inputs.readers],
  );
  return rows[0]!;
}
