import type { Client } from "../../postgres/connection";
import { quoteIdent } from "../../postgres/quote";
import type { Found } from "../finding";
import { nameList } from "../names";
import { type KeyColumn, keyColumnOf, keyColumns, keyColumnValues, type Tables } from "../tables";

interface Grant {
  readonly table: number;
  /** null: PUBLIC */
  readonly role: string | null;
  readonly on_column: boolean;
  readonly may_enter: boolean;
  readonly members: string[];
}

/** Roles that a grant lets read a key column, with those that are members of them. Superusers apart. */
export async function readers(client: Client, tables: Tables): Promise<Found[]> {
  const { rows } = await client.query<Grant>(
    `with granted as (
       select k.oid as relation, x.grantee, false as on_column
         from ${keyColumns} join pg_class c on c.oid = k.oid cross join aclexplode(c.relacl) x
        where x.privilege_type = 'SELECT' and x.grantee <> c.relowner
       union
       select k.oid, x.grantee, true
         from ${keyColumns} join pg_class c on c.oid = k.oid
         join pg_attribute a on a.attrelid = k.oid and a.attnum = k.attnum cross join aclexplode(a.attacl) x
        where x.privilege_type = 'SELECT' and x.grantee <> c.relowner
     ), once as (
       select relation, grantee, bool_and(on_column) as on_column from granted group by 1, 2
     )
     select o.relation as table, r.rolname::text as role, o.on_column,
            case when o.grantee = 0 then true else has_schema_privilege(o.grantee, c.relnamespace, 'usage') end as may_enter,
            ${membersOf("case when o.grantee <> 0 then o.grantee end")} as members
       from once o join pg_class c on c.oid = o.relation left join pg_roles r on r.oid = o.grantee
      where o.grantee = 0 or (r.oid is not null and not r.rolsuper)
      order by 1, 2`,
    keyColumnValues(tables),
  );
  return rows.map((grant) => readerFinding(grant, keyColumnOf(tables, grant.table)));
}

/** SQL of an array: roles that inherit from a role or may SET ROLE to it. */
const membersOf = (role: string): string =>
  `array(select m.rolname::text from pg_roles m
          where not m.rolsuper and m.oid <> ${role} and m.rolname !~ '^pg_' and pg_has_role(m.oid, ${role}, 'member') order by 1)`;

function readerFinding({ role, on_column, may_enter, members }: Grant, column: KeyColumn): Found {
  const who = role === null ? "PUBLIC, every role that may connect and use the schema," : `Role ${role}`;
  const also = members.length === 0 ? "" : ` So may its members: ${nameList(members)}.`;
  const enters = may_enter ? "" : ` It may not use schema ${column.schema} itself.`;
  const to = role === null ? "public" : quoteIdent(role);
  const what = on_column ? `select (${column.columnSql})` : "select";
  return {
    kind: "reader",
    object: column.name,
    detail: `${who} may read it, by a grant on the ${on_column ? "column" : "table"}.${also}${enters}`,
    advice: `If it must not: revoke ${what} on ${column.tableSql} from ${to};`,
  };
}

interface PowerfulRoles {
  readonly superusers: string[];
  readonly all_data: string[];
  readonly files: string[];
  readonly replication: string[];
}

/** Roles that need no grant on the tables, and the owners. */
export async function powerfulRoles(client: Client, tables: Tables): Promise<Found[]> {
  const named = (condition: string): string =>
    `array(select r.rolname::text from pg_roles r where r.rolname !~ '^pg_' and (${condition}) order by 1)`;
  const { rows } = await client.query<PowerfulRoles>(
    `select ${named("r.rolsuper")} as superusers,
            ${named("not r.rolsuper and pg_has_role(r.oid, 'pg_read_all_data', 'member')")} as all_data,
            ${named("not r.rolsuper and (pg_has_role(r.oid, 'pg_read_server_files', 'member') or pg_has_role(r.oid, 'pg_execute_server_program', 'member'))")} as files,
            ${named("not r.rolsuper and r.rolreplication")} as replication`,
  );
  const owners = await client.query<{ table: number; owner: string; super: boolean; members: string[] }>(
    `select k.oid as table, r.rolname::text as owner, r.rolsuper as super, ${membersOf("c.relowner")} as members
       from ${keyColumns} join pg_class c on c.oid = k.oid join pg_roles r on r.oid = c.relowner order by 1`,
    keyColumnValues(tables),
  );
  return [
    ...powerfulFindings(rows[0] ?? { superusers: [], all_data: [], files: [], replication: [] }),
    ...owners.rows
      .filter((one) => !one.super || one.members.length > 0)
      .map(({ table, owner, members }): Found => {
        const also = members.length === 0 ? "" : ` So may its members: ${nameList(members)}.`;
        return {
          kind: "reader",
          object: keyColumnOf(tables, table).name,
          detail: `Role ${owner} owns the table and may always read it.${also}`,
          advice: "Let no application log in as the owner or as a member of it.",
        };
      }),
  ];
}

export function powerfulFindings(roles: PowerfulRoles): Found[] {
  const { superusers, all_data: allData, files, replication } = roles;
  const finding = (object: string, names: readonly string[], what: string, advice: string): Found[] =>
    names.length === 0
      ? []
      : [{ kind: "reader", object, detail: `${names.length} (${nameList(names)}) ${what}`, advice }];
  return [
    ...finding(
      "superusers",
      superusers,
      "may read everything; no grant and no policy holds them back.",
      "Keep their number small, and their passwords out of applications.",
    ),
    ...finding(
      "pg_read_all_data",
      allData,
      "may read every table by membership.",
      "revoke pg_read_all_data from <role>; where a role must not read keys.",
    ),
    ...finding(
      "pg_read_server_files, pg_execute_server_program",
      files,
      "may read the files of the server, tables and WAL among them.",
      "Treat these roles as superusers.",
    ),
    ...finding(
      "replication roles",
      replication,
      "may copy the whole server, or decode its WAL.",
      "alter role <role> noreplication; where a role copies nothing.",
    ),
  ];
}
