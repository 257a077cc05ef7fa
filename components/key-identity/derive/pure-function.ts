/**
 * SQL that creates a function in the session's own schema: gone with the session, and no other session can call it. It is plain
 * `create`: a function of that name that somebody else made in the session is an error and is not replaced.
 *
 * The bodies follow four rules, because keys pass through them:
 * - Every step is a simple expression, without a query. PostgreSQL plans the parameters of a query as constants and may
 *   print the plan (debug_print_plan), or the parameters (auto_explain). It does neither for a simple expression.
 * - A text is matched with a pattern before it is converted. A conversion that fails puts the text into its error message.
 * - Literals hold no backslash, so that standard_conforming_strings does not matter.
 * - Texts are variables with collation "C". The column's own collation may ignore case, or allow no pattern.
 */
export const pureFunction = (signature: string, returns: string, body: string): string =>
  createFunction(signature, returns, "immutable", body);

/** The same for a function that reads or fills the session's table. */
export const sessionFunction = (signature: string, returns: string, body: string): string =>
  createFunction(signature, returns, "volatile", body);

const createFunction = (signature: string, returns: string, volatility: string, body: string): string =>
  `create function pg_temp.wallet_vault_${signature} returns ${returns} language plpgsql ${volatility} as $wallet_vault$${body}$wallet_vault$;`;
