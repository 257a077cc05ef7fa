import { qualified, quoted } from "../postgres/identifiers";
import type { Table } from "../postgres/table";
import { isPlaceholder } from "../key-transfer/placeholder";
import type { IndexFacts } from "./classification";
import type { Collapse } from "./declared";
import { idOf, valuesWithManyRows } from "./duplicates";

/** What decides whether a row is redundant. */
export interface Redundancy {
  readonly table: Table;
  readonly columns: readonly string[];
  readonly collapse: Collapse;
  /** All indexes of the table: a column that is unique by itself differs in every copy. */
  readonly indexes: readonly IndexFacts[];
  /** Whether the database's encoding is UTF8. */
  readonly utf8: boolean;
}

/** Columns in which two copies of the same row may differ. */
const timestamps = ["created_at", "updated_at"];

/**
 * SQL of the common table expressions that judge the rows of every value that has several. The last one, `judged`, has
 * `place` (ctid), `value` (a number per value of the columns), `id` (text), `empty`, and at most one of
 * - `redundant`: a placeholder, or an identical copy, beside the row that stays
 * - `differing`: a real value that is not the one of the row that stays, or a copy that differs in another column
 *
 * The row that stays is a real one if there is any, then the oldest.
 *
 * @param locking true: the rows are locked first and judged as they are then, so that no one changes them any more
 */
export function judgedRows(of: Redundancy, locking: boolean): string {
  const { table, columns, collapse } = of;
  const value = `r.${quoted(collapse.valueColumn)}::text`;
  const same = columns.map((column) => `r.${quoted(column)} = many.${quoted(column)}`).join(" and ");
  // As text, because a type need not have an equality of its own (json), and because 1.0 and 1.00 are not the same bytes.
  const content = comparedColumns(of).map((column) => `r.${quoted(column)}::text collate "C"`);
  const created = /^(timestamp|date)/.test(table.columns.get("created_at")?.type ?? "") ? "r.created_at" : "null::date";
  return `many as materialized (select row_number() over () as value, m.* from (${valuesWithManyRows(table, columns)}) m),
    found as materialized (
      select r.ctid as place, many.value, ${idOf("r", columns)} as id, ${created} as created,
             coalesce(${isPlaceholder(value, collapse.placeholders, of.utf8)}, true) as empty,
             array[${content.join(", ")}] as content
        from ${qualified(table.schema, table.name)} r join many on ${same}
       ${locking ? "for update of r" : ""}),
    ranked as (
      select found.*, first_value(place) over w as kept_place, first_value(content) over w as kept_content
        from found window w as (partition by value order by empty, created nulls last, place)),
    judged as (
      select place, value, id, empty,
             place <> kept_place and (empty or content = kept_content) as redundant,
             place <> kept_place and not empty and content <> kept_content as differing
        from ranked)`;
}

/** The value column first, then every column in which a copy has to be equal. */
function comparedColumns({ table, columns, collapse, indexes }: Redundancy): string[] {
  const unique = indexes.filter(
    (index) => index.unique && index.valid && !index.partial && !index.columns.includes(null),
  );
  const differs = new Set<string | null>([
    ...columns,
    ...timestamps,
    ...unique
      .filter((index) => index.constraintKind === "primary" || index.columns.length === 1)
      .flatMap((index) => index.columns),
  ]);
  differs.add(collapse.valueColumn);
  return [collapse.valueColumn, ...[...table.columns.keys()].filter((column) => !differs.has(column))];
}
