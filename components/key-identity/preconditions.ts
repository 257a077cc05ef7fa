import type { Client } from "../postgres/connection";
import { WalletVaultError } from "../postgres/errors";
import { quoteIdent } from "../postgres/quote";

/**
 * Addresses are derived by functions of the session's own, which PostgreSQL keeps in a temporary schema.
 *
 * @throws WalletVaultError ERR_PRIVILEGE
 */
export async function requireTemporary(client: Client): Promise<void> {
  const { rows } = await client.query<{ role: string; database: string }>(
    `select current_user::text as role, current_database()::text as database
      where not has_database_privilege(current_database(), 'temporary')`,
  );
  const lacking = rows[0];
  if (lacking === undefined) return;
  throw new WalletVaultError(
    "ERR_PRIVILEGE",
    `Role ${lacking.role} lacks TEMPORARY on database ${lacking.database}: proveIdentity derives addresses with functions that live as long as its session.`,
    `Have the database's owner run: grant temporary on database ${quoteIdent(lacking.database)} to ${quoteIdent(lacking.role)}; or set proveIdentity to false.`,
  );
}
