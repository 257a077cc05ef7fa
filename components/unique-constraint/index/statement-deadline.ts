import type { Client } from "../../postgres/connection";
import { sqlstateOf, WalletVaultError } from "../../postgres/errors";
import type { Report } from "../../postgres/report";
import { withRoleSettings } from "../../postgres/role-settings";
import { queryCanceled } from "../../postgres/sqlstate";
import { reportBuildProgress } from "./build-progress";
import { backendOf } from "./build-sessions";

/** A session that does what may take long, and the moment by which all of it has to be done. */
export interface DeadlineContext {
  readonly databaseUrl: string;
  readonly client: Client;
  /** As performance.now() counts, which nobody can set: one deadline for every wait and every statement of the run. */
  readonly deadline: number;
  /** The time that was allowed, in minutes, for the message. */
  readonly minutes: number;
  readonly report: Report;
}

/**
 * Runs `create index concurrently` or one of its kind: without a lock timeout, because each of its waits would end in an
 * INVALID index, and with a deadline that the server itself keeps, so that it holds also where this process dies.
 *
 * @param statement one command that names every object with its schema and holds no expression: see withRoleSettings
 * @param what for messages: `building index x on public.t`
 * @throws WalletVaultError ERR_LOCK_DEADLINE naming whom it waited for
 */
export async function runWithDeadline(run: DeadlineContext, what: string, statement: string): Promise<void> {
  const { client, report } = run;
  const pid = await backendOf(client);
  const left = Math.ceil(run.deadline - performance.now());
  if (left <= 0) throw deadlineError(run, what);
  await client.query(`set statement_timeout = ${left}`);
  const watching = reportBuildProgress(run.databaseUrl, pid, what, report);
  try {
    await withRoleSettings(client, () => client.query(statement));
  } catch (error) {
    if (sqlstateOf(error) === queryCanceled && performance.now() >= run.deadline)
      throw deadlineError(run, what, watching.blockers());
    throw error;
  } finally {
    await watching.stop();
    await client.query("set statement_timeout = 0").catch(() => undefined);
  }
}

export function deadlineError({ minutes }: { minutes: number }, what: string, blockers?: string): WalletVaultError {
  const whom = blockers === undefined ? "" : `, waiting for ${blockers}`;
  return new WalletVaultError(
    "ERR_LOCK_DEADLINE",
    `${what}: not done within ${minutes} minutes${whom}.`,
    "End that session, or raise indexDeadlineMinutes, and run the same command again: it takes up from what is there.",
  );
}
