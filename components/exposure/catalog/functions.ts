import type { Client } from "../../postgres/connection";
import { quoteLiteral } from "../../postgres/quote";
import type { Found } from "../finding";
import { anyWord } from "../names";
import { keyColumns, keyColumnValues, keyNames, type Tables } from "../tables";

interface KeyFunction {
  readonly signature: string;
  readonly definer: boolean;
  readonly everyone: boolean;
  readonly names_keys: boolean;
}

/** What hands a whole row on. */
const wholeRow = String.raw`(?<!\w)(?:to_jsonb?|row_to_json|jsonb?_agg|hstore)\s*\(|\*`;

/**
 * Functions whose body names a key, or the two tables; of a body in SQL's standard form, those that depend on a key column.
 * Trigger functions of the two tables are findings of their own.
 */
export async function functions(client: Client, tables: Tables): Promise<Found[]> {
  const { rows } = await client.query<KeyFunction>(
    `select f.* from (
       select p.oid::regprocedure::text as signature, p.prosecdef as definer, has_function_privilege('public', p.oid, 'execute') as everyone,
              p.prosrc ~* $3 as names_keys, p.prosrc ~* $4 as names_vault, p.prosrc ~* $5 and p.prosrc ~* $6 as names_metadata,
              exists (select from ${keyColumns} join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = k.oid and d.refobjsubid = k.attnum
                       where d.classid = 'pg_proc'::regclass and d.objid = p.oid) as depends
         from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
        where n.nspname !~ '^(pg_|information_schema$)' and l.lanname not in ('internal', 'c')
          and not exists (select from pg_depend e where e.classid = 'pg_proc'::regclass and e.objid = p.oid and e.deptype = 'e')
          and not exists (select from pg_trigger t where t.tgfoid = p.oid and t.tgrelid = any ($1::oid[]) and not t.tgisinternal)) f
      where f.names_keys or f.names_vault or f.names_metadata or f.depends
      order by f.signature collate "C"`,
    [
      ...keyColumnValues(tables),
      anyWord(keyNames(tables)),
      anyWord([tables.vault.table]),
      anyWord([tables.credentials.table]),
      `${anyWord(["metadata"])}|${wholeRow}`,
    ],
  );
  return rows.map(functionFinding);
}

function functionFinding({ signature, definer, everyone, names_keys: namesKeys }: KeyFunction): Found {
  const rights = definer ? "the rights of its owner (security definer)" : "the rights of whoever calls it";
  return {
    kind: "function",
    object: signature,
    detail: `Its body names ${namesKeys ? "a key" : "the tables with keys"}. It runs with ${rights}, and ${everyone ? "PUBLIC" : "not everybody"} may call it.`,
    advice: `Look: select pg_get_functiondef(${quoteLiteral(signature)}::regprocedure); ${
      definer
        ? `If it returns keys: revoke execute on function ${signature} from public;`
        : "See that it neither returns nor keeps keys."
    }`,
  };
}
