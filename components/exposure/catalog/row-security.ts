import type { Client } from "../../postgres/connection";
import { quoteIdent, quoteLiteral } from "../../postgres/quote";
import type { Found } from "../finding";
import { nameList } from "../names";
import { type KeyColumn, keyColumnOf, keyColumns, keyColumnValues, type Tables } from "../tables";

interface Policy {
  readonly name: string;
  readonly roles: string[];
  readonly always: boolean;
}

interface RowSecurity {
  readonly table: number;
  readonly enabled: boolean;
  readonly forced: boolean;
  /** Permissive policies that let roles read rows. */
  readonly policies: Policy[] | null;
  /** Roles that policies do not hold back, although they are no superusers. */
  readonly bypassing: string[];
}

/** Whether row-level security is on, and whom its policies let through. */
export async function rowSecurity(client: Client, tables: Tables): Promise<Found[]> {
  const { rows } = await client.query<RowSecurity>(
    `select k.oid as table, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
            (select json_agg(json_build_object('name', p.polname, 'roles', array(
                       select coalesce(r.rolname, 'PUBLIC') from unnest(p.polroles) o (oid) left join pg_roles r on r.oid = o.oid order by 1),
                       'always', coalesce(pg_get_expr(p.polqual, p.polrelid), 'true') = 'true') order by p.polname)
               from pg_policy p where p.polrelid = k.oid and p.polpermissive and p.polcmd in ('r', '*')) as policies,
            array(select r.rolname::text from pg_roles r
                   where r.rolbypassrls and not r.rolsuper and has_column_privilege(r.oid, k.oid, k.attnum, 'select') order by 1) as bypassing
       from ${keyColumns} join pg_class c on c.oid = k.oid order by 1`,
    keyColumnValues(tables),
  );
  return rows.flatMap((row) => rowSecurityFindings(row, keyColumnOf(tables, row.table)));
}

function rowSecurityFindings({ enabled, policies, bypassing }: RowSecurity, column: KeyColumn): Found[] {
  const { schema, table, tableSql, name } = column;
  if (!enabled)
    return [
      {
        kind: "rowSecurity",
        object: `${schema}.${table}`,
        detail: "Row-level security is off: whoever may read the table reads every row.",
        advice: `Revoke what is not needed, or: alter table ${tableSql} enable row level security; the owner still reads every row, other roles only what a policy lets through.`,
      },
    ];
  return [
    ...(policies ?? []).map(({ name: policy, roles, always }): Found => ({
      kind: "policy",
      object: `${schema}.${table}`,
      detail: `Policy ${policy} lets ${nameList(roles)} read ${always ? "every row" : "the rows that its condition allows"}, where a grant lets them read the table.`,
      advice: `Look: select * from pg_policies where policyname = ${quoteLiteral(policy)}; To end it: drop policy ${quoteIdent(policy)} on ${tableSql};`,
    })),
    ...(bypassing.length === 0
      ? []
      : [
          {
            kind: "rowSecurity",
            object: name,
            detail: `Row-level security is on, but it does not hold back ${nameList(bypassing)} (BYPASSRLS).`,
            advice: `Keep these roles on servers of your own: their grants on ${tableSql} are all that limits them.`,
          } satisfies Found,
        ]),
  ];
}
