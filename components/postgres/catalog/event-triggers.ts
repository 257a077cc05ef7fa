import type { Client } from "pg";
import { isServerError, type ServerError, WalletVaultError } from "../errors";
import { conditionName, isStandard, raiseException } from "../sqlstate";

/** Names of the event triggers that are enabled: they run with the DDL of everybody. */
export async function enabledEventTriggers(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    "select e.evtname::text as name from pg_event_trigger e where e.evtenabled <> 'D' order by 1",
  );
  return rows.map(({ name }) => name);
}

/**
 * The same error, or, where it came out of somebody's code while there are event triggers, one that names them: nothing
 * else of users' code runs with DDL of ours. They may raise any SQLSTATE, also one that means something else where
 * PostgreSQL itself reports it; so this goes before whoever explains what a SQLSTATE means.
 *
 * @param doing what was being done, as a clause: "making view public.v"
 */
export async function namingEventTriggers(client: Client, error: unknown, doing: string): Promise<unknown> {
  if (!isServerError(error) || !cameOutOfCode(error)) return error;
  const names = await enabledEventTriggers(client).catch(() => []);
  if (names.length === 0) return error;
  const sqlstate = isStandard(error.code) ? error.code : raiseException;
  return new WalletVaultError(
    "ERR_DATABASE",
    `While ${doing}, code of this database raised ${sqlstate} ${conditionName(sqlstate)}. Event triggers that are enabled: ${names.join(", ")}.`,
    "One of them fails or forbids it, perhaps outside of a maintenance window; nothing of this step was kept. Have its owner let it through, and run the same command again.",
    sqlstate,
  );
}

/** A statement by itself has no context; the lines of a function have. What they say is nobody's business. */
const cameOutOfCode = (error: ServerError): boolean => error.where !== undefined;
