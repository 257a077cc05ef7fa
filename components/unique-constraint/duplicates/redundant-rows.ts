import { isPlaceholder } from "../../placeholder";
import type { Table } from "../../postgres/catalog/table";
import { quoteIdent, quoteQualified } from "../../postgres/quote";
import type { CollapseInputs } from "../args";
import { type ComparedColumn, timestamps } from "./compared-columns";
import { idOf, valuesWithManyRows } from "./duplicate-values";

/** What decides whether a row is redundant. */
export interface RedundancyRule {
  readonly table: Table;
  readonly columns: readonly string[];
  readonly collapse: CollapseInputs;
  /** See `shapeOf`: what the columns were when they were looked at. */
  readonly shape: string;
  /** Where a row may hold something of its own, beside the value. */
  readonly compared: readonly ComparedColumn[];
  /** Whether the database's encoding is UTF8. */
  readonly utf8: boolean;
}

/** SQL: `row_ctid` of every row whose value of the columns has several. Nothing else of a row is carried along. */
export function duplicateCtids({ table, columns }: RedundancyRule, locking: boolean): string {
  const same = columns.map((column) => `r.${quoteIdent(column)} = many.${quoteIdent(column)}`).join(" and ");
  return `with many as materialized (${valuesWithManyRows(table, columns)})
    select r.ctid as row_ctid from ${quoteQualified(table.schema, table.name)} r join many on ${same}
    ${locking ? "for update of r" : ""}`;
}

/**
 * SQL of the common table expressions that judge rows against the others of the same value. The last one, `judged`, has
 * `row_ctid`, `kept_ctid` (that of the row that stays, a name for the value as well), `id` (text), `empty`, and for
 * every row but the one that stays exactly one of
 * - `redundant`: a copy of the row that stays in every compared column; or a placeholder that holds nothing else, each
 *   compared column being null, its default, or as in the row that stays
 * - `differing`: any other
 *
 * The row that stays is a real one if there is any, then the oldest.
 *
 * Only ctids, ids, dates and booleans are sorted. What a row holds is compared where it lies, two rows at a time: whatever is
 * sorted or kept may go to a temporary file, and a key must not. The offsets keep PostgreSQL from making a join of it.
 *
 * @param rowCtids SQL of a query with one column `row_ctid`: the rows, of which none may change meanwhile
 */
export function judgedRows(of: RedundancyRule, rowCtids: string): string {
  const { table, columns, collapse } = of;
  const rows = quoteQualified(table.schema, table.name);
  const value = `r.${quoteIdent(collapse.valueColumn)}::text`;
  const group = columns.map((_, n) => `c${n}`);
  const created = /^(timestamp|date)/.test(table.columns.get("created_at")?.type ?? "") ? "r.created_at" : "null::date";
  return `seen as materialized (
      select p.row_ctid, x.*
        from (${rowCtids}) p
       cross join lateral (
         select ${columns.map((column, n) => `r.${quoteIdent(column)} as c${n}`).join(", ")}, ${idOf("r", columns)} as id, ${created} as created,
                coalesce(${isPlaceholder(value, collapse.placeholders, of.utf8)}, true) as empty
           from ${rows} r where r.ctid = p.row_ctid offset 0) x),
    ranked as materialized (
      select s.row_ctid, s.id, s.empty, first_value(s.row_ctid) over w as kept_ctid
        from seen s window w as (partition by ${group.map((name) => `s.${name}`).join(", ")} order by s.empty, s.created nulls last, s.row_ctid)),
    compared as materialized (
      select k.*, k.row_ctid <> k.kept_ctid and (
               select ${covered(of)} from ${rows} r, ${rows} stays
                where r.ctid = k.row_ctid and stays.ctid = k.kept_ctid offset 0) as covered
        from ranked k),
    judged as (
      select c.row_ctid, c.kept_ctid, c.id, c.empty, c.row_ctid <> c.kept_ctid and c.covered is true as redundant,
             c.row_ctid <> c.kept_ctid and c.covered is not true as differing
        from compared c)`;
}

/** SQL: whether nothing that `r` holds is lost with it while `stays` stays; `k.empty` says whether it is a placeholder. */
function covered({ collapse, compared }: RedundancyRule): string {
  // By their bytes: a type need not have an equality of its own (json), to it 1.0 and 1.00 may be equal, and as text, floats
  // may have lost digits and a bpchar its blanks.
  const same = (column: string) => `row(r.${quoteIdent(column)})::record *= row(stays.${quoteIdent(column)})::record`;
  // As text, because a composite of nulls is null, too.
  const own = ({ name, fallback }: ComparedColumn) =>
    fallback === null
      ? `r.${quoteIdent(name)}::text`
      : `nullif(r.${quoteIdent(name)}::text collate "C", (${fallback})::text)`;
  const all = (conditions: readonly string[]) => ["true", ...conditions].join(" and ");
  return `case when k.empty
                 then ${all(compared.map((column) => `(${own(column)} is null or ${same(column.name)})`))}
                 else ${all([collapse.valueColumn, ...compared.map(({ name }) => name)].map(same))} end`;
}

/** SQL: a number made of all that the rows at `rowCtids` (an array) hold, and how many there are. */
export function digestOf({ table }: RedundancyRule, rowCtids: string, seed: string): string {
  const texts = [...table.columns.keys()]
    .filter((column) => !timestamps.includes(column))
    .map((column) => `r.${quoteIdent(column)}::text`);
  return `select count(*) as present, sum(hashtextextended((array[${texts.join(", ")}]::text[])::text collate "C", ${seed})::numeric) as digest
            from ${quoteQualified(table.schema, table.name)} r where r.ctid = any (${rowCtids})`;
}
