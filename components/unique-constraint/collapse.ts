import { withClient, withTransaction, type Client } from "../postgres/connection";
import { sqlstateOf, WalletVaultError } from "../postgres/errors";
import { qualified } from "../postgres/identifiers";
import type { Report } from "../postgres/progress";
import { deadlockDetected } from "../postgres/sqlstate";
import type { Table } from "../postgres/table";
import { withLockRetry } from "../postgres/waiting";
import { comparedColumns } from "./compared";
import type { Collapse, Declared } from "./declared";
import { requireNoDependants } from "./dependants";
import { listed } from "./duplicates";
import { judgedRows, type Redundancy } from "./redundancy";

/** How often rows may change under our hands before we give up. */
const attempts = 5;

/** A declaration that lets rows be removed. */
type Collapsing = Declared & { readonly collapse: Collapse };

/**
 * Refuses, before anything is changed, where some value's rows are not provably redundant.
 *
 * @throws WalletVaultError ERR_DUPLICATES, ERR_DEPENDANTS
 */
export async function requireCollapsible(client: Client, table: Table, declared: Collapsing): Promise<Redundancy> {
  const redundancy = await redundancyOf(client, table, declared);
  const { rows } = await client.query<{ redundant: number; differing: number; ids: string[] }>(
    `with ${judgedRows(redundancy, false)}
     select (select count(*) from judged where redundant)::float8 as redundant,
            (select count(distinct value) from judged where differing)::float8 as differing,
            array(select distinct id from judged where differing order by 1 limit 20) as ids`,
  );
  const { redundant, differing, ids } = rows[0] ?? { redundant: 0, differing: 0, ids: [] };
  if (differing > 0) throw notRedundant(table, declared.columns, differing, ids);
  if (redundant > 0) await requireNoDependants(client, table);
  return redundancy;
}

/**
 * Removes the rows that are provably redundant, all in one transaction, and says of which credentials. Does nothing
 * where there are none.
 *
 * A session of its own: the users' delete triggers run in it and may name tables without their schema.
 *
 * @throws WalletVaultError ERR_DUPLICATES, ERR_DEPENDANTS, ERR_LOCK_DEADLINE
 */
export async function collapseDuplicates(
  databaseUrl: string,
  table: Table,
  declared: Collapsing,
  report: Report,
): Promise<void> {
  await withClient(databaseUrl, { purpose: "removing redundant rows" }, async (client) => {
    const what = `removing redundant rows of ${table.schema}.${table.name}`;
    const patiently = <T>(attempt: () => Promise<T>) =>
      withLockRetry(client, declared, what, [table.oid], report, attempt);
    const redundancy = await patiently(() => requireCollapsible(client, table, declared));
    for (let attempt = 1; ; attempt++) {
      try {
        const removed = await patiently(() =>
          withTransaction(client, "read write", () => removeRedundant(client, redundancy)),
        );
        for (const row of removed)
          report(`${row.id}: removed ${row.placeholders} empty and ${row.copies} identical rows`);
        return;
      } catch (error) {
        const changed = error === rowsChanged || sqlstateOf(error) === deadlockDetected;
        if (!changed || attempt === attempts) throw error;
      }
    }
  });
}

interface Removed {
  readonly id: string;
  readonly placeholders: number;
  readonly copies: number;
}

/** One statement: what it judges are the rows as it locked them. Removes nothing at all where some row differs. */
async function removeRedundant(client: Client, redundancy: Redundancy): Promise<Removed[]> {
  const { table, columns } = redundancy;
  const { rows } = await client.query<{ redundant: number; differing: number; ids: string[]; removed: Removed[] }>(
    `with ${judgedRows(redundancy, true)},
     gone as (
       delete from ${qualified(table.schema, table.name)} r using judged
        where r.ctid = judged.place and judged.redundant and not exists (select from judged where differing)
       returning judged.id, judged.empty),
     removed as (
       select id, count(*) filter (where empty) as placeholders, count(*) filter (where not empty) as copies
         from gone group by id)
     select (select count(*) from judged where redundant)::float8 as redundant,
            (select count(distinct value) from judged where differing)::float8 as differing,
            array(select distinct id from judged where differing order by 1 limit 20) as ids,
            coalesce((select json_agg(removed order by id) from removed), '[]') as removed`,
  );
  const [done] = rows;
  if (done === undefined) return [];
  if (done.differing > 0) throw notRedundant(table, columns, done.differing, done.ids);
  const count = done.removed.reduce((sum, row) => sum + row.placeholders + row.copies, 0);
  // A row that somebody updated while we waited for its lock has moved to another place, which the delete does not see.
  if (count !== done.redundant) throw rowsChanged;
  return done.removed;
}

async function redundancyOf(client: Client, table: Table, { columns, collapse }: Collapsing): Promise<Redundancy> {
  const { rows } = await client.query<{ utf8: boolean }>("select current_setting('server_encoding') = 'UTF8' as utf8");
  const compared = await comparedColumns(client, table, columns, collapse);
  return { table, columns, collapse, compared, utf8: rows[0]?.utf8 ?? false };
}

const notRedundant = (
  table: Table,
  columns: readonly string[],
  values: number,
  ids: readonly string[],
): WalletVaultError =>
  new WalletVaultError(
    "ERR_DUPLICATES",
    `In ${table.schema}.${table.name}, the rows of ${values} ${values === 1 ? "value" : "values"} of (${columns.join(", ")}) are not copies of each other, so none of them was removed: ${listed(ids, values)}.`,
    "Two real values differ, copies differ in another column, or an empty row holds something in another column: decide which row is right, remove the others, and run the same command again.",
  );

const rowsChanged = new WalletVaultError(
  "ERR_DUPLICATES",
  "Redundant rows could not be removed: they were changed at the same time, or a trigger keeps them.",
  "Nothing was removed; look at the table's delete triggers, or run the same command again at a quieter time.",
);
