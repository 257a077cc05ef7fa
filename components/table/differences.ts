import type { TableColumn, TableInputs } from "./args";
import type { CatalogTable } from "./catalog";

/** Why the relation of this name is not the declared table, one clause each; empty where it is. Privileges do not count. */
export function differences({ columns, primaryKey }: TableInputs, live: CatalogTable): string[] {
  const missing = columns.filter(({ name }) => !live.columns.some((column) => column.name === name));
  const extra = live.columns.filter(({ name }) => !columns.some((column) => column.name === name));
  const other = columns.filter((column) =>
    live.columns.some((found) => found.name === column.name && formatColumn(found) !== formatColumn(column)),
  );
  return [
    ...live.oddities,
    ...missing.map(({ name }) => `column ${name} is missing`),
    ...extra.map(({ name }) => `column ${name} is not declared`),
    ...other.map((column) => `column ${column.name} is not ${formatColumn(column)}`),
    ...(live.primaryKey.join("\0") === primaryKey.join("\0")
      ? []
      : [`its primary key is not (${primaryKey.join(", ")})`]),
  ];
}

/** `pg_catalog.bytea not null`; also the column's declaration in SQL. */
export const formatColumn = ({ type, collation, notNull }: TableColumn): string =>
  [type, collation === null ? "" : `collate ${collation}`, notNull ? "not null" : ""].filter(Boolean).join(" ");
