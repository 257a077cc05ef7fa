import type { Client } from "../../postgres/connection";
import { quoteLiteral, quoteQualified } from "../../postgres/quote";
import type { Found } from "../finding";
import { type KeyColumn, keyColumnOf, keyColumns, keyColumnValues, type Tables } from "../tables";

interface Statistics {
  readonly table: number;
  /** Whether ANALYZE samples the column. */
  readonly sampled: boolean;
  /** Whether samples of it are kept now. */
  readonly kept: boolean;
}

/**
 * Samples of values in pg_statistic, which pg_stats shows to whoever may read the column. ANALYZE of a column with
 * statistics 0 makes none, but leaves those that are there.
 */
export async function statistics(client: Client, tables: Tables): Promise<Found[]> {
  const values = keyColumnValues(tables);
  const { rows } = await client.query<Statistics>(
    `select k.oid as table, coalesce(a.attstattarget, -1) <> 0 and a.atttypid <> 'json'::regtype as sampled,
            exists (select from pg_stats s join pg_namespace n on n.nspname = s.schemaname join pg_class c on c.relnamespace = n.oid and c.relname = s.tablename
                     where c.oid = k.oid and s.attname = a.attname and (s.most_common_vals is not null or s.histogram_bounds is not null)) as kept
       from ${keyColumns} join pg_attribute a on a.attrelid = k.oid and a.attnum = k.attnum order by 1`,
    values,
  );
  const extended = await client.query<{ table: number; schema: string; name: string }>(
    `select k.oid as table, n.nspname::text as schema, s.stxname::text as name
       from ${keyColumns} join pg_statistic_ext s on s.stxrelid = k.oid join pg_namespace n on n.oid = s.stxnamespace
      where k.attnum = any (s.stxkeys::int2[])
         or exists (select from pg_depend d where d.classid = 'pg_statistic_ext'::regclass and d.objid = s.oid
                       and d.refclassid = 'pg_class'::regclass and d.refobjid = k.oid and d.refobjsubid = k.attnum)
      order by 1, 2, 3`,
    values,
  );
  return [
    ...rows.flatMap((row) => statisticsFindings(row, keyColumnOf(tables, row.table), tables.major)),
    ...extended.rows.map(({ table, schema, name }): Found => ({
      kind: "statistics",
      object: `${schema}.${name}`,
      detail: `Extended statistics of ${keyColumnOf(tables, table).name}: they may keep values of it.`,
      advice: `drop statistics ${quoteQualified(schema, name)};`,
    })),
  ];
}

function statisticsFindings({ sampled, kept }: Statistics, column: KeyColumn, major: number): Found[] {
  const { tableSql, columnSql, name } = column;
  const stop = `alter table ${tableSql} alter column ${columnSql} set statistics 0;`;
  if (sampled)
    return [
      {
        kind: "statistics",
        object: name,
        detail:
          "ANALYZE, also that of autovacuum, keeps samples of it in pg_statistic: up to 101 values and the most common ones, or more. Whoever may read the column reads them in pg_stats, and so do tools that copy it; no update of the table removes them.",
        advice: `${stop} That keeps ANALYZE from taking samples; it does not remove samples that are there. ${removal(column, major)}`,
      },
    ];
  if (!kept) return [];
  return [
    {
      kind: "statistics",
      object: name,
      detail: "ANALYZE takes no samples of it any more, but those of before are still in pg_statistic.",
      advice: removal(column, major),
    },
  ];
}

/** From PostgreSQL 18 on, the owner may clear them; before, only a superuser, or a change of the column's type. */
function removal({ schema, table, column, tableSql, columnSql }: KeyColumn, major: number): string {
  if (major >= 18)
    return `To remove them: select pg_clear_attribute_stats(${[schema, table, column].map(quoteLiteral).join(", ")}, false);`;
  return (
    `To remove them, as a superuser: delete from pg_statistic where starelid = ${quoteLiteral(tableSql)}::regclass and staattnum = ` +
    `(select attnum from pg_attribute where attrelid = starelid and attname = ${quoteLiteral(column)}); ` +
    `or, where no view uses the column, as its owner: alter table ${tableSql} alter column ${columnSql} type <its own type>;`
  );
}
