import { qualified, quoted } from "../postgres/identifiers";
import type { Table } from "../postgres/table";
import { isPlaceholder } from "../key-transfer/placeholder";
import type { Compared } from "./compared";
import type { Collapse } from "./declared";
import { idOf, valuesWithManyRows } from "./duplicates";

/** What decides whether a row is redundant. */
export interface Redundancy {
  readonly table: Table;
  readonly columns: readonly string[];
  readonly collapse: Collapse;
  /** Where a row may hold something of its own, beside the value. */
  readonly compared: readonly Compared[];
  /** Whether the database's encoding is UTF8. */
  readonly utf8: boolean;
}

/**
 * SQL of the common table expressions that judge the rows of every value that has several. The last one, `judged`, has
 * `place` (ctid), `value` (a number per value of the columns), `id` (text), `empty`, and for every row but the one that
 * stays exactly one of
 * - `redundant`: a copy of the row that stays in every compared column; or a placeholder that holds nothing else, each
 *   compared column being null, its default, or as in the row that stays
 * - `differing`: any other
 *
 * The row that stays is a real one if there is any, then the oldest.
 *
 * @param locking true: the rows are locked first and judged as they are then, so that no one changes them any more
 */
export function judgedRows(of: Redundancy, locking: boolean): string {
  const { table, columns, collapse, compared } = of;
  const value = `r.${quoted(collapse.valueColumn)}::text`;
  const same = columns.map((column) => `r.${quoted(column)} = many.${quoted(column)}`).join(" and ");
  // As text, because a type need not have an equality of its own (json), and because 1.0 and 1.00 are not the same bytes.
  const text = (column: string) => `r.${quoted(column)}::text collate "C"`;
  const content = [collapse.valueColumn, ...compared.map(({ name }) => name)].map(text);
  const held = compared.map(({ name, fallback }) =>
    fallback === null ? text(name) : `nullif(${text(name)}, (${fallback})::text)`,
  );
  const created = /^(timestamp|date)/.test(table.columns.get("created_at")?.type ?? "") ? "r.created_at" : "null::date";
  return `many as materialized (select row_number() over () as value, m.* from (${valuesWithManyRows(table, columns)}) m),
    found as materialized (
      select r.ctid as place, many.value, ${idOf("r", columns)} as id, ${created} as created,
             coalesce(${isPlaceholder(value, collapse.placeholders, of.utf8)}, true) as empty,
             array[${content.join(", ")}] as content, array[${["null", ...held].join(", ")}]::text[] as held
        from ${qualified(table.schema, table.name)} r join many on ${same}
       ${locking ? "for update of r" : ""}),
    ranked as (
      select found.*, first_value(place) over w as kept_place, first_value(content) over w as kept_content
        from found window w as (partition by value order by empty, created nulls last, place)),
    compared as (
      select ranked.*, place = kept_place as kept,
             case when empty
                  then not exists (select from unnest(held, kept_content) as pair (own, stays)
                                    where own is not null and own is distinct from stays)
                  else content = kept_content end as covered
        from ranked),
    judged as (
      select place, value, id, empty, not kept and covered as redundant, not kept and not covered as differing
        from compared)`;
}
