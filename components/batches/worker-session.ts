import { type Client, openSession } from "../postgres/connection";
import { sqlstateOf } from "../postgres/errors";
import { lockNotAvailable } from "../postgres/sqlstate";
import { type BatchJob, lockTimeoutSetting, type RunPlan, TransientError } from "./batch-job";

interface Ready {
  readonly client: Client;
  readonly runPlan: RunPlan;
}

/** A worker's session: opened when it is first needed, and again after it was dropped. */
export class WorkerSession {
  private opened: Ready | undefined;

  constructor(
    private readonly databaseUrl: string,
    private readonly job: BatchJob,
    private readonly lockTimeoutMs: number,
  ) {}

  /** Undefined where it is not open. */
  get client(): Client | undefined {
    return this.opened?.client;
  }

  /** @throws TransientError where a lock was not to be had */
  async open(): Promise<Ready> {
    this.opened ??= await this.prepare();
    return this.opened;
  }

  async drop(): Promise<void> {
    const client = this.opened?.client;
    this.opened = undefined;
    await client?.end().catch(() => undefined);
  }

  private async prepare(): Promise<Ready> {
    const client = await openSession(this.databaseUrl, { purpose: this.job.purpose });
    try {
      // Below the server's deadlock_timeout: a session that waits for that long looks for a deadlock, and is the one that is
      // ended where there is one. It must never be an application.
      await client.query(
        `select set_config(kept.name, least($1::int8, greatest(s.setting::int8 / 2, 1))::text, false)
           from pg_settings s, unnest(array['lock_timeout', $2]) kept (name) where s.name = 'deadlock_timeout'`,
        [Math.round(this.lockTimeoutMs), lockTimeoutSetting],
      );
      return { client, runPlan: await this.job.prepare(client) };
    } catch (error) {
      await client.end().catch(() => undefined);
      // To prepare a statement takes a lock, too.
      throw sqlstateOf(error) === lockNotAvailable ? new TransientError(lockNotAvailable) : error;
    }
  }
}
