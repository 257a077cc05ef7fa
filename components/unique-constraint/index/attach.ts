import { sqlstateOf } from "../../postgres/errors";
import { withLockRetry } from "../../postgres/lock-retry";
import { quoteIdent, quoteQualified } from "../../postgres/quote";
import { withRoleSettings } from "../../postgres/role-settings";
import type { ApplyContext } from "../apply-context";
import type { IndexFacts } from "./classification";

/** What PostgreSQL answers where an index, unique as it is, cannot carry a constraint. */
const unsuitable = ["42809", "0A000"];

/**
 * Makes a constraint of a unique index, which gets the constraint's name. This changes a few catalog rows, but its lock
 * stops everybody: so it waits briefly for the lock, lets go, and tries again.
 *
 * @returns false where PostgreSQL cannot make a constraint of this index; nothing is changed then
 * @throws WalletVaultError ERR_LOCK_DEADLINE
 */
export async function attach(context: ApplyContext, index: IndexFacts): Promise<boolean> {
  const { client, inputs, table, report } = context;
  const { name, schema } = inputs;
  const what = `adding constraint ${name} to ${schema}.${table.name}`;
  try {
    await withLockRetry(client, inputs, what, [table.oid], report, () =>
      withRoleSettings(client, () =>
        client.query(
          `alter table ${quoteQualified(schema, table.name)} add constraint ${quoteIdent(name)} unique using index ${quoteIdent(index.name)}`,
        ),
      ),
    );
    return true;
  } catch (error) {
    if (unsuitable.includes(sqlstateOf(error) ?? "")) return false;
    throw error;
  }
}
