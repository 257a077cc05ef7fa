import type { Client } from "../../postgres/connection";
import { WalletVaultError } from "../../postgres/errors";
import { quoteIdent } from "../../postgres/quote";

/** Two sessions move keys, one watches the server's health, and one reads the wallets. */
const sessionsAtOnce = 4;

interface Limits {
  readonly role: string;
  readonly database: string;
  readonly of_role: number;
  readonly of_database: number;
}

/**
 * A run whose sessions are refused (53300) would wait for them until it gives up, or move keys without watching the server.
 *
 * @throws WalletVaultError ERR_CONNECTION_LIMIT
 */
export async function requireSessions(client: Client): Promise<void> {
  const { rows } = await client.query<Limits>(
    // Superusers have no limit, and -1 means no limit.
    `select session_user::text as role, d.datname::text as database, r.rolconnlimit as of_role, d.datconnlimit as of_database
       from pg_roles r, pg_database d
      where r.rolname = session_user and d.datname = current_database() and not r.rolsuper`,
  );
  const limits = rows[0];
  if (limits === undefined) return;
  const { role, database, of_role: ofRole, of_database: ofDatabase } = limits;
  const tooFew = (limit: number): boolean => limit >= 0 && limit < sessionsAtOnce;
  const refuse = (whose: string, limit: number, alter: string): WalletVaultError =>
    new WalletVaultError(
      "ERR_CONNECTION_LIMIT",
      `${whose} may have ${limit} sessions (CONNECTION LIMIT), and an update needs up to ${sessionsAtOnce} at once, beside those of others.`,
      `Raise it: ${alter} connection limit ${sessionsAtOnce + Math.max(limit, 0)};`,
    );
  if (tooFew(ofRole)) throw refuse(`Role ${role}`, ofRole, `alter role ${quoteIdent(role)}`);
  if (tooFew(ofDatabase)) throw refuse(`Database ${database}`, ofDatabase, `alter database ${quoteIdent(database)}`);
}
