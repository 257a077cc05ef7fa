import type { Table } from "../../postgres/catalog/table";
import { type Client, withTransaction } from "../../postgres/connection";
import { sqlstateOf, WalletVaultError } from "../../postgres/errors";
import { quoteQualified } from "../../postgres/quote";
import { conditionName, isTransient, queryCanceled } from "../../postgres/sqlstate";

/** Milliseconds to wait for a lock that an UPDATE needs. Sessions that come later wait behind us for as long. */
const planTimeoutMs = 200;

/**
 * Has PostgreSQL plan the updates of the transfer and run none of them. Where it refuses every UPDATE of a table, it refuses the
 * plan, also for a reason that no other check knows.
 *
 * @throws WalletVaultError ERR_TABLE_UNSUPPORTED
 */
export async function requireUpdatesPlanned(client: Client, credentials: Table, vault: Table): Promise<void> {
  await requirePlanned(client, credentials, "vault_stored = null, vault_backup_date = null where id is null");
  await requirePlanned(client, vault, "encrypted_private_key = null where credential_id is null");
}

async function requirePlanned(client: Client, table: Table, what: string): Promise<void> {
  const update = `update ${quoteQualified(table.schema, table.name)} set ${what}`;
  try {
    await withTransaction(client, "read only", async () => {
      await client.query(`set local lock_timeout = ${planTimeoutMs}`);
      // EXPLAIN starts a plan and ends it, which is allowed in a read-only transaction.
      await client.query(`explain (costs off) ${update}`);
    });
  } catch (error) {
    const sqlstate = sqlstateOf(error);
    // The next statement reports a lost connection. Another session's lock says nothing about the table.
    if (sqlstate === undefined || isTransient(sqlstate) || sqlstate === queryCanceled) return;
    throw new WalletVaultError(
      "ERR_TABLE_UNSUPPORTED",
      `PostgreSQL refuses every UPDATE of ${table.schema}.${table.name} that the transfer needs: ${sqlstate} ${conditionName(sqlstate)}.`,
      `Run it in psql to see why (it changes nothing): explain ${update};`,
      sqlstate,
    );
  }
}
