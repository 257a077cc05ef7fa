import type { Client } from "../../postgres/connection";
import { WalletVaultError } from "../../postgres/errors";

/**
 * With `session_replication_role = replica`, PostgreSQL checks no foreign key and runs no trigger of the application on the rows
 * that we write. Only superusers may reset it.
 *
 * @throws WalletVaultError ERR_SERVER_UNSUPPORTED
 */
export async function requireTriggersToRun(client: Client): Promise<void> {
  const { rows } = await client.query<{ role: string }>(
    "select current_user::text as role where current_setting('session_replication_role') = 'replica'",
  );
  if (rows[0] === undefined) return;
  throw new WalletVaultError(
    "ERR_SERVER_UNSUPPORTED",
    `session_replication_role is replica for role ${rows[0].role} in this database: no foreign key and no trigger would look at what is written.`,
    "Reset it for the role or the database (alter role ... reset session_replication_role), or use another role in databaseUrl.",
  );
}
