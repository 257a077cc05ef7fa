import type { Client } from "../../postgres/connection";
import { quoteIdent, quoteLiteral } from "../../postgres/quote";
import type { Found } from "../finding";
import { anyWord } from "../names";
import { keyColumnOf, keyNames, type Tables } from "../tables";

interface Trigger {
  readonly table: number;
  readonly name: string;
  readonly function: string;
  /** Whether it fires with rows that a run writes. */
  readonly fires: boolean;
  /** Code that the catalog does not hold: C. */
  readonly hidden: boolean;
  readonly whole_row: boolean;
  readonly names_keys: boolean;
  readonly dynamic: boolean;
  readonly transition: boolean;
  readonly conditional: boolean;
}

/** NEW or OLD as a whole: not one of its columns, and not what a trigger returns. */
const rowVariable = String.raw`(?<!\w)(?:new|old)(?!\w)(?!\s*(?:\.\s*["\w]|;))|(?<!\w)(?:to_jsonb?|row_to_json|hstore)\s*\(`;

/** Code in C that is known to copy nothing. */
const harmless = [
  "moddatetime",
  "suppress_redundant_updates_trigger",
  "tsvector_update_trigger",
  "lo_manage",
  "autoinc",
];

/** Columns of the wallets that a run writes. */
const flagColumns = ["vault_stored", "vault_backup_date"];

/** Bits of pg_trigger.tgtype. */
const onInsert = 4;
const onUpdate = 16;

/** Triggers on the two tables that are enabled, and whether they may copy rows. */
export async function triggers(client: Client, tables: Tables): Promise<Found[]> {
  const { rows } = await client.query<Trigger>(
    `select t.tgrelid as table, t.tgname::text as name, p.oid::regprocedure::text as function,
            t.tgenabled in ('O', 'A') and (
              (t.tgrelid = $2 and t.tgtype & ${onInsert} <> 0)
              or (t.tgtype & ${onUpdate} <> 0 and (cardinality(t.tgattr::int2[]) = 0 or exists (
                    select from pg_attribute a where a.attrelid = t.tgrelid and a.attnum = any (t.tgattr::int2[])
                       and (t.tgrelid = $2 or a.attname = any ($3)))))) as fires,
            l.lanname in ('c', 'internal') and p.prosrc <> all ($4) as hidden,
            l.lanname not in ('c', 'internal') and p.prosrc ~* $5 as whole_row,
            p.prosrc ~* $6 as names_keys, l.lanname not in ('c', 'internal') and p.prosrc ~* '(?<!\\w)execute(?!\\w)' as dynamic,
            t.tgnewtable is not null or t.tgoldtable is not null as transition, t.tgqual is not null as conditional
       from pg_trigger t join pg_proc p on p.oid = t.tgfoid join pg_language l on l.oid = p.prolang
      where t.tgrelid in ($1, $2) and not t.tgisinternal and t.tgenabled <> 'D'
      order by 1, 2`,
    [
      tables.credentials.oid,
      tables.vault.oid,
      flagColumns,
      harmless,
      rowVariable,
      anyWord([...new Set([...keyNames(tables), "metadata"])]),
    ],
  );
  return rows.map((row) => triggerFinding(row, tables));
}

function triggerFinding(row: Trigger, tables: Tables): Found {
  const { schema, table, tableSql } = keyColumnOf(tables, row.table);
  const signs = [
    ...(row.whole_row ? ["its body uses whole rows"] : []),
    ...(row.transition ? ["it is given the rows as a table"] : []),
    ...(row.names_keys ? ["its body names a key column"] : []),
    ...(row.dynamic ? ["its body makes statements of its own (execute)"] : []),
    ...(row.hidden ? ["its code is not in the catalog"] : []),
  ];
  const mayCopy = signs.length > 0;
  const when = row.fires
    ? `fires with rows that a run writes${row.conditional ? ", where its condition holds" : ""}`
    : "does not fire with what a run writes, but with other changes";
  const name = quoteIdent(row.name);
  return {
    kind: "trigger",
    object: `${schema}.${table}`,
    detail: mayCopy
      ? `Trigger ${row.name} (${row.function}) ${when}, and may copy keys: ${signs.join(", ")}.`
      : `Trigger ${row.name} (${row.function}) ${when}. Its own body uses no whole row and no key column; functions that it calls were not looked at.`,
    advice: mayCopy
      ? `Look: select pg_get_functiondef(${quoteLiteral(row.function)}::regprocedure); To leave it out of a run: alter table ${tableSql} disable trigger ${name}; and afterwards: alter table ${tableSql} enable trigger ${name}; Its copies of earlier changes stay until somebody deletes them.`
      : `Look: select pg_get_functiondef(${quoteLiteral(row.function)}::regprocedure);`,
    ...(mayCopy && row.fires ? { copiesDuringRun: true } : {}),
  };
}
