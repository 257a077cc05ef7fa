import type { Client } from "../../postgres/connection";
import type { Found } from "../finding";
import { nameList } from "../names";
import { type KeyColumn, keyColumnOf, keyColumns, keyColumnValues, type Tables } from "../tables";

interface ApiAccess {
  readonly table: number;
  readonly roles: string[];
  /** Schemas that PostgREST serves; null where no setting in the database says so. */
  readonly schemas: string | null;
  readonly row_security: boolean;
}

/** On Supabase: what the roles of the web API may read, and whether the API serves the schema. */
export async function api(client: Client, tables: Tables): Promise<Found[]> {
  const { rows } = await client.query<ApiAccess>(
    `select k.oid as table, c.relrowsecurity as row_security,
            array(select r.rolname::text from pg_roles r
                   where r.rolname in ('anon', 'authenticated') and has_column_privilege(r.oid, k.oid, k.attnum, 'select')
                     and has_schema_privilege(r.oid, c.relnamespace, 'usage') order by 1) as roles,
            (select substr(one.setting, length('pgrst.db_schemas=') + 1)
               from pg_db_role_setting s join pg_roles r on r.oid = s.setrole cross join unnest(s.setconfig) one (setting)
              where r.rolname = 'authenticator' and s.setdatabase in (0, (select d.oid from pg_database d where d.datname = current_database()))
                and one.setting like 'pgrst.db!_schemas=%' escape '!' order by s.setdatabase desc limit 1) as schemas
       from ${keyColumns} join pg_class c on c.oid = k.oid order by 1`,
    keyColumnValues(tables),
  );
  return rows
    .filter(({ roles }) => roles.length > 0)
    .map((access) => apiFinding(access, keyColumnOf(tables, access.table)));
}

function apiFinding({ roles, schemas, row_security: guarded }: ApiAccess, column: KeyColumn): Found {
  const served = schemas?.split(",").map((one) => one.trim().replace(/^"(.*)"$/, "$1"));
  const where =
    served === undefined
      ? `No setting in the database says whether the API serves schema ${column.schema}; Supabase serves public unless told otherwise.`
      : served.includes(column.schema)
        ? `The API serves schema ${column.schema} (pgrst.db_schemas).`
        : `The API does not serve schema ${column.schema} (pgrst.db_schemas), as long as that stays so.`;
  const policies = guarded ? "Row-level security is on: its policies decide about rows." : "Row-level security is off.";
  return {
    kind: "api",
    object: column.name,
    detail: `${nameList(roles)} may read it: the roles of the web API. ${where} ${policies}`,
    advice: `revoke all on ${column.tableSql} from ${roles.join(", ")}; and keep tables with keys in a schema that no API serves.`,
  };
}
