import type { Client } from "pg";
import { sqlstateOf, WalletVaultError } from "./errors";
import { conditionName, isStandard, raiseException } from "./sqlstate";

/** Names of the event triggers that are enabled: they run with the DDL of everybody. */
export async function enabledEventTriggers(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    "select e.evtname::text as name from pg_event_trigger e where e.evtenabled <> 'D' order by 1",
  );
  return rows.map(({ name }) => name);
}

/**
 * The same error, or, where it was raised by somebody's code while there are event triggers, one that names them: nothing
 * else of users' code runs with DDL of ours.
 *
 * @param doing what was being done, as a clause: "making view public.v"
 */
export async function namingEventTriggers(client: Client, error: unknown, doing: string): Promise<unknown> {
  const raised = sqlstateOf(error);
  if (error instanceof WalletVaultError || raised === undefined) return error;
  const sqlstate = isStandard(raised) ? raised : raiseException;
  if (!sqlstate.startsWith("P0")) return error;
  const names = await enabledEventTriggers(client).catch(() => []);
  if (names.length === 0) return error;
  return new WalletVaultError(
    "ERR_DATABASE",
    `While ${doing}, code of this database raised ${sqlstate} ${conditionName(sqlstate)}. Event triggers that are enabled: ${names.join(", ")}.`,
    "One of them forbids it, perhaps outside of a maintenance window; nothing of this step was kept. Have its owner let it through, and run the same command again.",
    sqlstate,
  );
}
