import type { Client } from "pg";

/**
 * What the code of users finds set while it runs in a session of ours: triggers, event triggers, functions in defaults and
 * CHECKs. Everything that this project writes itself is parsed and planned under `ownSettings` alone: PostgreSQL prefers
 * an exact match in any schema of the search path over a polymorphic or variadic function or operator of pg_catalog,
 * wherever pg_catalog stands in the path, so whoever may create a function there would have it run as the deploying role.
 */

/** Statements that keep the role's own values, once per session, before `ownSettings` hides them. */
export const keepRoleSettings = `
  select pg_catalog.set_config('wallet_vault.role_search_path', pg_catalog.current_setting('search_path'), false),
         pg_catalog.set_config('wallet_vault.role_row_security', pg_catalog.current_setting('row_security'), false);`;

/** Statements that put our settings in place for the session, and back where users' code has changed them for the session. */
export const ownSettings =
  "reset role; set search_path = pg_catalog, pg_temp; set row_security = off; set statement_timeout = 0;";

/**
 * The select list of the first step of a statement that fires triggers: from then on, until `backToOwnSettings`, what users
 * wrote finds the role's own settings. The statement itself is planned by then. Every later step must depend on this one.
 */
export const toRoleSettings = `
  pg_catalog.set_config('search_path', pg_catalog.current_setting('wallet_vault.role_search_path'), true) as role_search_path,
  pg_catalog.set_config('row_security', pg_catalog.current_setting('wallet_vault.role_row_security'), true) as role_row_security`;

/** Statements that end it, in a transaction. They name no function, so nothing of another schema can stand in for one. */
export const backToOwnSettings = `
  reset role; set local search_path = pg_catalog, pg_temp; set local row_security = off; set local statement_timeout = 0;`;

/**
 * Runs one DDL statement, and the event triggers that it fires, with the role's own settings. Only for statements that name
 * every object with its schema and contain no expression: a view's query would be resolved in the role's path as well.
 */
export async function withRoleSettings<T>(client: Client, statement: () => Promise<T>): Promise<T> {
  await client.query(`
    select pg_catalog.set_config('search_path', pg_catalog.current_setting('wallet_vault.role_search_path'), false),
           pg_catalog.set_config('row_security', pg_catalog.current_setting('wallet_vault.role_row_security'), false)`);
  try {
    return await statement();
  } finally {
    // In a transaction that failed, the rollback does it.
    await client.query(ownSettings).catch(() => undefined);
  }
}
