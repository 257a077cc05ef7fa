import type { Column, Table } from "../../postgres/catalog/table";
import { type Client, withTransaction } from "../../postgres/connection";
import { sqlstateOf, WalletVaultError } from "../../postgres/errors";
import { quoteIdent, quoteQualified, quoteValue } from "../../postgres/quote";
import { conditionName } from "../../postgres/sqlstate";
import { type VaultValue, vaultValuesOf, type Wallets } from "../wallets";
import { vaultColumns } from "./columns";
import { type Given, violatedCheck } from "./vault-checks";

/** Milliseconds to wait for a lock, and for a value to be read. */
const limits = "set local lock_timeout = 200; set local statement_timeout = 2000";

/**
 * Refuses `vaultValues` with which every new row would be refused: no such column, one that may not be written, a value that its
 * type, NOT NULL or a CHECK refuses. A CHECK is evaluated only where nothing but immutable functions and operators of pg_catalog
 * is in it, and only columns of `vaultValues`: any other is code of its owner, or depends on the rest of the row. What is not
 * tried here, the transfer reports with the name of the constraint. Nothing is written.
 *
 * @throws WalletVaultError ERR_CONFIGURATION
 */
export async function requireVaultValues(client: Client, vault: Table, wallets: Wallets): Promise<void> {
  const values = vaultValuesOf(wallets);
  if (values.length === 0) return;
  for (const [column, value] of values) requireFillable(vault, column, value);
  const given = await typesOf(client, vault, values);
  const composed = given.find(({ plain }) => !plain);
  if (composed !== undefined)
    throw refuse(
      `column ${composed.column} has type ${composed.type}, made of other types, and to read its value may run code of their owners`,
      "Give the column a default instead.",
    );
  if ((await refusedBy(client, vault, given)) !== undefined)
    for (const one of given) {
      const sqlstate = await refusedBy(client, vault, [one]);
      if (sqlstate !== undefined) throw doesNotFit(vault, one.column, `${sqlstate} ${conditionName(sqlstate)}`);
    }
  const check = await withLimits(client, () => violatedCheck(client, vault, given)).catch(unlessRefused);
  if (check === undefined) return;
  throw refuse(
    `${check.columns.length === 1 ? "the value of column" : "the values of columns"} ${check.columns.join(", ")} would be refused by CHECK ${check.name} of ${check.domain ? "its domain" : `${vault.schema}.${vault.name}`}`,
    "Give values that it allows, or have it allow these.",
  );
}

function requireFillable(vault: Table, name: string, value: VaultValue): void {
  const where = `${vault.schema}.${vault.name}`;
  const column: Column | undefined = vault.columns.get(name);
  if (column === undefined) throw refuse(`${where} has no column ${name}`, "Correct the name, or leave it out.");
  if (Object.hasOwn(vaultColumns, name))
    throw refuse(`column ${name} of ${where} is filled by the transfer itself`, "Leave it out.");
  if (column.generated !== null)
    throw refuse(`column ${name} of ${where} is generated, so that nobody may write it`, "Leave it out.");
  if (value === null && (column.notNull || column.domain.notNull))
    throw refuse(`column ${name} of ${where} is NOT NULL`, "Give it a value, or leave it out.");
}

async function typesOf(
  client: Client,
  vault: Table,
  values: readonly (readonly [column: string, value: VaultValue])[],
): Promise<Given[]> {
  const { rows } = await client.query<Omit<Given, "value">>(
    `select a.attname::text as column, format_type(b.oid, b.modifier) as type,
            b.typtype in ('b', 'e') and coalesce(e.typtype in ('b', 'e'), true) as plain
       from pg_attribute a
      cross join lateral (
        with recursive type as (
          select t.oid, t.typtype, t.typelem, t.typbasetype, t.typtypmod, a.atttypmod as modifier
            from pg_type t where t.oid = a.atttypid
          union all
          select b.oid, b.typtype, b.typelem, b.typbasetype, b.typtypmod, t.typtypmod
            from type t join pg_type b on b.oid = t.typbasetype where t.typtype = 'd'
        )
        select t.* from type t where t.typtype <> 'd') b
       left join pg_type e on e.oid = b.typelem
      where a.attrelid = $1 and a.attname = any ($2)`,
    [vault.oid, values.map(([column]) => column)],
  );
  const value = new Map(values);
  return rows.map((row) => ({ ...row, value: value.get(row.column) ?? null }));
}

/**
 * Has PostgreSQL plan the insert, with null in all other columns, so that nothing is made of their defaults. A plan holds the
 * literals as their types read them, and as an assignment would cut or refuse them.
 *
 * @returns the SQLSTATE with which it refuses a value
 */
async function refusedBy(client: Client, vault: Table, given: readonly Given[]): Promise<string | undefined> {
  const names = [...vault.columns.values()].filter(({ generated }) => generated === null).map(({ name }) => name);
  const literal = new Map(given.map(({ column, value }) => [column, quoteValue(value)]));
  const into = `${quoteQualified(vault.schema, vault.name)} (${names.map(quoteIdent).join(", ")})`;
  try {
    await withLimits(client, () =>
      client.query(
        `explain (costs off) insert into ${into} select ${names.map((name) => literal.get(name) ?? "null").join(", ")}`,
      ),
    );
    return undefined;
  } catch (error) {
    const sqlstate = sqlstateOf(error);
    // Class 22: the value does not fit its type. Anything else is said by another check, or is a lock.
    return sqlstate?.startsWith("22") ? sqlstate : undefined;
  }
}

/** Another session's lock says nothing about the values. The next statement reports a lost connection. */
function unlessRefused(error: unknown): undefined {
  if (sqlstateOf(error) === undefined) throw error;
}

const withLimits = <T>(client: Client, work: () => Promise<T>): Promise<T> =>
  withTransaction(client, "read only", async () => {
    await client.query(limits);
    return work();
  });

const doesNotFit = (vault: Table, column: string, why: string): WalletVaultError =>
  refuse(
    `the value of column ${column} does not fit its type in ${vault.schema}.${vault.name} (${vault.columns.get(column)?.type}): ${why}`,
    "Give it as the text that PostgreSQL reads for this type.",
  );

const refuse = (problem: string, hint: string): WalletVaultError =>
  new WalletVaultError(
    "ERR_CONFIGURATION",
    `vaultValues cannot be written with a new vault row: ${problem}.`,
    `${hint} Change it with: npm run pulumi -- config set vaultValues '{…}'`,
  );
