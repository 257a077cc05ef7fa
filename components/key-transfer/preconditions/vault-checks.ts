import type { Table } from "../../postgres/catalog/table";
import type { Client } from "../../postgres/connection";
import { quoteIdent, quoteValue } from "../../postgres/quote";
import type { VaultValue } from "../wallets";

/** A column of `vaultValues` with its value. */
export interface Given {
  readonly column: string;
  readonly value: VaultValue;
  /** The type below all domains, as SQL. */
  readonly type: string;
  /** False for a composite type, a range, and an array of one or of a domain: to read a literal, their input functions run others. */
  readonly plain: boolean;
}

interface Check {
  readonly name: string;
  readonly columns: readonly string[];
  /** Whether it belongs to the domain of its only column. */
  readonly domain: boolean;
  readonly expression: string;
}

/** Kinds of nodes that an expression may consist of, as PostgreSQL writes them into its catalog (outfuncs.c), in all majors. */
const harmless =
  `VAR CONST OPEXPR DISTINCTEXPR SCALARARRAYOPEXPR BOOLEXPR RELABELTYPE NULLTEST BOOLEANTEST FUNCEXPR ARRAY
  ARRAYEXPR ARRAYCOERCEEXPR CASETESTEXPR CASE CASEEXPR CASEWHEN WHEN COALESCE COALESCEEXPR COERCETODOMAINVALUE`.split(
    /\s+/,
  );

/** SQL of a boolean: whether an expression of the catalog is all of these, with immutable functions of pg_catalog only. */
const isHarmless = (expression: string): string => `
  not exists (select from regexp_matches(${expression}::text, '\\{([A-Z_]+)', 'g') node (kind) where node.kind[1] <> all ($3))
  and not exists (
    select from regexp_matches(${expression}::text, ':(funcid|opno) (\\d+)', 'g') named (what)
     where not exists (
       select from pg_proc p left join pg_operator o on o.oprcode = p.oid
        where case named.what[1] when 'opno' then o.oid else p.oid end = named.what[2]::oid
          and p.pronamespace = 'pg_catalog'::regnamespace and p.provolatile = 'i'))`;

/** A CHECK of the table, or of the domain of a column, that these values violate, whatever else is in the row. */
export async function violatedCheck(client: Client, vault: Table, given: readonly Given[]): Promise<Check | undefined> {
  for (const check of await checksOf(client, vault, given)) {
    const columns = given
      .filter(({ column }) => check.columns.includes(column))
      .map(
        ({ column, value, type }) =>
          `cast(${quoteValue(value)} as ${type}) as ${check.domain ? "value" : quoteIdent(column)}`,
      );
    await client.query("savepoint wallet_vault_check");
    try {
      const { rows } = await client.query<{ violated: boolean }>(
        `select (${check.expression}) is false as violated from (select ${columns.join(", ")}) given`,
      );
      if (rows[0]?.violated === true) return check;
    } catch {
      // It cannot be evaluated by itself; the transfer reports what it refuses.
      await client.query("rollback to savepoint wallet_vault_check");
    }
  }
  return undefined;
}

/** Those that can be evaluated without running code of users, and on these columns alone. */
async function checksOf(client: Client, vault: Table, given: readonly Given[]): Promise<Check[]> {
  const { rows } = await client.query<Check>(
    `with recursive named as (
       select a.attnum, a.attname, a.atttypid from pg_attribute a where a.attrelid = $1 and a.attname = any ($2)
     ), domain as (
       select n.attname, t.oid, t.typbasetype from named n join pg_type t on t.oid = n.atttypid and t.typtype = 'd'
       union all
       select d.attname, t.oid, t.typbasetype from domain d join pg_type t on t.oid = d.typbasetype and t.typtype = 'd'
     ), candidate as (
       select k.conname, k.conbin, k.conrelid, false as domain,
              array(select n.attname::text from named n where n.attnum = any (k.conkey) order by n.attnum) as columns
         from pg_constraint k
        where k.conrelid = $1 and k.contype = 'c' and k.conkey <> '{}'
          and k.conkey <@ array(select n.attnum from named n)
          -- PostgreSQL 18 has some that are not enforced.
          and to_jsonb(k) ->> 'conenforced' is distinct from 'false'
       union all
       select k.conname, k.conbin, 0, true, array[d.attname::text]
         from domain d join pg_constraint k on k.contypid = d.oid and k.contype = 'c'
     )
     select k.conname::text as name, k.columns, k.domain, pg_get_expr(k.conbin, k.conrelid) as expression
       from candidate k where ${isHarmless("k.conbin")} order by k.conname`,
    [vault.oid, given.map(({ column }) => column), harmless],
  );
  return rows;
}
