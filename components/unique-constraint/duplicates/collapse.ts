import type { Table } from "../../postgres/catalog/table";
import { type Client, withClient } from "../../postgres/connection";
import { sqlstateOf, WalletVaultError } from "../../postgres/errors";
import { withLockRetry } from "../../postgres/lock-retry";
import { printableId } from "../../postgres/printable";
import type { Report } from "../../postgres/report";
import { requireTrackCounts } from "../../postgres/server-version";
import { deadlockDetected } from "../../postgres/sqlstate";
import type { ApplyContext } from "../apply-context";
import type { CollapseInputs, UniqueConstraintInputs } from "../args";
import { requireDeclaredTable } from "../preconditions/table";
import { comparedColumns, shapeOf } from "./compared-columns";
import { requireNoDependents } from "./dependents";
import { listed } from "./duplicate-values";
import { duplicateCtids, judgedRows, type RedundancyRule } from "./redundant-rows";
import { otherRowsChanged, type Removal, removeRedundant, rowKept, tableChanged } from "./remove-redundant";

/** How often a deadlock, or a change of the table meanwhile, may end it before we give up. */
const attempts = 5;

/** A declaration that lets rows be removed. */
type Collapsing = UniqueConstraintInputs & { readonly collapse: CollapseInputs };

/**
 * Refuses, before anything is changed, where some value's rows are not provably redundant.
 *
 * @throws WalletVaultError ERR_DUPLICATES, ERR_DEPENDANTS, ERR_TABLE_UNSUPPORTED
 */
export async function requireCollapsible(client: Client, declared: Collapsing): Promise<RedundancyRule> {
  await requireTrackCounts(client);
  const redundancy = await redundancyOf(client, declared);
  const { table } = redundancy;
  await client.query("set enable_tidscan = on");
  const { rows } = await client.query<{ redundant: number; differing: number; ids: string[] }>(
    `with ${judgedRows(redundancy, duplicateCtids(redundancy, false))}
     select (select count(*) from judged where redundant)::float8 as redundant,
            (select count(distinct kept_ctid) from judged where differing)::float8 as differing,
            array(select distinct id from judged where differing order by 1 limit 20) as ids`,
  );
  const { redundant, differing, ids } = rows[0] ?? { redundant: 0, differing: 0, ids: [] };
  if (differing > 0) throw notRedundant(table, declared.columns, differing, ids);
  if (redundant > 0) await requireNoDependents(client, table);
  return redundancy;
}

/**
 * Removes the rows that are provably redundant, all in one transaction, and says of which credentials. Does nothing
 * where there are none, or the declaration does not allow it.
 *
 * @throws WalletVaultError ERR_DUPLICATES, ERR_DEPENDANTS, ERR_TABLE_UNSUPPORTED, ERR_LOCK_DEADLINE
 */
export async function collapseDuplicates({ databaseUrl, table, inputs, report }: ApplyContext): Promise<void> {
  const { collapse } = inputs;
  if (collapse === undefined) return;
  const declared = { ...inputs, collapse };
  await withClient(databaseUrl, { purpose: "removing redundant rows" }, async (client) => {
    const what = `removing redundant rows of ${table.schema}.${table.name}`;
    const locking = <T>(attempt: () => Promise<T>) =>
      withLockRetry(client, declared, what, [table.oid], report, attempt);
    let redundancy = await locking(() => requireCollapsible(client, declared));
    for (let attempt = 1; ; attempt++) {
      try {
        const done = await locking(() => removeRedundant(client, redundancy));
        if (done.differing > 0) throw notRedundant(table, declared.columns, done.differing, done.differingIds);
        return tell(done, report);
      } catch (error) {
        const sqlstate = sqlstateOf(error);
        if (sqlstate === rowKept) throw kept(table);
        if (sqlstate === otherRowsChanged) throw others(table);
        if (![deadlockDetected, tableChanged].includes(sqlstate ?? "") || attempt === attempts) throw error;
        // What was learned of the columns is of no use any more; what a delete would reach is refused by its name.
        if (sqlstate === tableChanged) redundancy = await locking(() => requireCollapsible(client, declared));
      }
    }
  });
}

function tell({ removed, credentials, placeholders, copies }: Removal, report: Report): void {
  for (const row of removed)
    report(`${printableId(row.id)}: removed ${row.placeholders} empty and ${row.copies} identical rows`);
  if (credentials > removed.length)
    report(
      `and of ${credentials - removed.length} more; ${placeholders} empty and ${copies} identical rows were removed in all`,
    );
}

async function redundancyOf(client: Client, declared: Collapsing): Promise<RedundancyRule> {
  const { schema, table: name, columns, collapse } = declared;
  // The shape first: what changes from here on is noticed when rows are removed.
  const { rows } = await client.query<{ utf8: boolean; shape: string | null }>(
    `select current_setting('server_encoding') = 'UTF8' as utf8, ${shapeOf({ schema, name })} as shape`,
  );
  const table = await requireDeclaredTable(client, declared);
  const compared = await comparedColumns(client, table, columns, collapse);
  return { table, columns, collapse, compared, shape: rows[0]?.shape ?? "", utf8: rows[0]?.utf8 ?? false };
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

const kept = (table: Table): WalletVaultError =>
  new WalletVaultError(
    "ERR_DUPLICATES",
    `A delete trigger of ${table.schema}.${table.name} keeps redundant rows in the table.`,
    "Nothing was removed; decide what the trigger is for, remove the duplicates by hand, and run the same command again.",
    rowKept,
  );

const others = (table: Table): WalletVaultError =>
  new WalletVaultError(
    "ERR_DUPLICATES",
    `When redundant rows of ${table.schema}.${table.name} are removed, a trigger changes other rows of that table, so a key might be lost with them.`,
    "Nothing was removed; look at the table's delete triggers, remove the duplicates by hand, and run the same command again.",
    otherRowsChanged,
  );
