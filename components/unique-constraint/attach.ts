import { type Client } from "../postgres/connection";
import { withRoleSettings } from "../postgres/role-settings";
import { sqlstateOf } from "../postgres/errors";
import { qualified, quoted } from "../postgres/identifiers";
import type { Report } from "../postgres/progress";
import type { Table } from "../postgres/table";
import { withLockRetry } from "../postgres/waiting";
import type { IndexFacts } from "./classification";
import type { Declared } from "./declared";

/** What PostgreSQL answers where an index, unique as it is, cannot carry a constraint. */
const unsuitable = ["42809", "0A000"];

/**
 * Makes a constraint of a unique index, which takes that index's place under the constraint's name. The work is a few
 * catalog rows, but its lock stops everybody, so it is asked for briefly and again rather than once and patiently.
 *
 * @returns false where PostgreSQL cannot make a constraint of this index; nothing is changed then
 * @throws WalletVaultError ERR_LOCK_DEADLINE
 */
export async function attach(
  client: Client,
  declared: Declared,
  table: Table,
  index: IndexFacts,
  report: Report,
): Promise<boolean> {
  const { name, schema } = declared;
  const what = `adding constraint ${name} to ${schema}.${table.name}`;
  try {
    await withLockRetry(client, declared, what, [table.oid], report, () =>
      withRoleSettings(client, () =>
        client.query(
          `alter table ${qualified(schema, table.name)} add constraint ${quoted(name)} unique using index ${quoted(index.name)}`,
        ),
      ),
    );
    return true;
  } catch (error) {
    if (unsuitable.includes(sqlstateOf(error) ?? "")) return false;
    throw error;
  }
}
