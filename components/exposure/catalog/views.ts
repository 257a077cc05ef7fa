import type { Client } from "../../postgres/connection";
import { quoteLiteral, quoteQualified } from "../../postgres/quote";
import type { Found } from "../finding";
import { anyWord, nameList } from "../names";
import { keyColumnOf, keyColumns, keyColumnValues, keyNames, type Tables } from "../tables";

interface Reading {
  readonly table: number;
  readonly schema: string;
  readonly name: string;
  /** `v` view, `m` materialized view, else a table with a rule. */
  readonly relkind: string;
  readonly rule: string;
  /** The view in between, where there is one. */
  readonly via: string | null;
  /** Whether its text names a key; null where that is not asked. */
  readonly names_keys: boolean | null;
  readonly invoker: boolean;
  readonly readers: string[];
}

/** Steps from view to view. */
const deepest = 8;

/**
 * Views, materialized views and rules that read a key column, also by way of other views. A view that uses a whole row depends
 * on no column (PostgreSQL keeps no such entry): its query is searched for that.
 */
export async function views(client: Client, tables: Tables): Promise<Found[]> {
  const { rows } = await client.query<Reading>(
    `with recursive reading as (
       select r.oid as rule, r.ev_class as relation, k.oid as target, null::oid as via, 1 as depth
         from ${keyColumns}
         join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = k.oid and d.classid = 'pg_rewrite'::regclass
         join pg_rewrite r on r.oid = d.objid and r.ev_class <> k.oid
        where d.refobjsubid = k.attnum or (d.refobjsubid = 0 and r.ev_action::text ~ ':varattno 0 ')
       union
       select r.oid, r.ev_class, f.target, f.relation, f.depth + 1
         from reading f
         join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = f.relation and d.classid = 'pg_rewrite'::regclass
         join pg_rewrite r on r.oid = d.objid and r.ev_class <> f.relation
        where f.depth < ${deepest} and not f.relation = any ($3::oid[])
     ), nearest as (
       select distinct on (f.relation, f.rule, f.target) f.* from reading f
        where not f.relation = any ($3::oid[]) order by f.relation, f.rule, f.target, f.depth, f.via
     )
     select f.target as table, n.nspname::text as schema, c.relname::text as name, c.relkind::text, r.rulename::text as rule,
            (select vn.nspname || '.' || v.relname from pg_class v join pg_namespace vn on vn.oid = v.relnamespace where v.oid = f.via) as via,
            case when f.via is null and c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) ~* $4 end as names_keys,
            coalesce(c.reloptions && array['security_invoker=true', 'security_invoker=on', 'security_invoker=1'], false) as invoker,
            array(select distinct coalesce(o.rolname, 'PUBLIC')::text from aclexplode(c.relacl) x left join pg_roles o on o.oid = x.grantee
                   where x.privilege_type = 'SELECT' and x.grantee <> c.relowner order by 1) as readers
       from nearest f join pg_class c on c.oid = f.relation join pg_namespace n on n.oid = c.relnamespace join pg_rewrite r on r.oid = f.rule
      order by 1, 2, 3, 5`,
    [...keyColumnValues(tables), tables.own, anyWord(keyNames(tables))],
  );
  return rows.map((row) => viewFinding(row, tables));
}

function viewFinding(row: Reading, tables: Tables): Found {
  const { schema, name, relkind, via, names_keys: namesKeys, invoker, readers } = row;
  const column = keyColumnOf(tables, row.table);
  const object = `${schema}.${name}`;
  const sql = quoteQualified(schema, name);
  if (relkind !== "v" && relkind !== "m")
    return {
      kind: "rule",
      object,
      detail: `Rule ${row.rule} of this table reads ${column.name}${by(via)}.`,
      advice: `Look: select definition from pg_rules where rulename = ${quoteLiteral(row.rule)}; Drop it where nothing needs it.`,
    };
  const keys = namesKeys === null ? "" : namesKeys ? " Its text names a key." : " Its text names no key path.";
  const who = readers.length === 0 ? " Only its owner may read it." : ` ${nameList(readers)} may read it.`;
  const rights = invoker
    ? " It reads with the rights of whoever asks (security_invoker)."
    : " It reads with the rights of its owner.";
  return {
    kind: relkind === "m" ? "materializedView" : "view",
    object,
    detail: `It reads ${column.name}${by(via)}.${keys}${who}${relkind === "m" ? " It keeps a copy of what it reads." : rights}`,
    advice:
      relkind === "m"
        ? `If keys are in it: drop materialized view ${sql}; or make it without them, then refresh it.`
        : `Look: select pg_get_viewdef(${quoteLiteral(sql)}::regclass); If keys are in it: revoke all on ${sql} from <role>; or make it without them.`,
  };
}

const by = (via: string | null): string => (via === null ? "" : ` by way of ${via}`);
