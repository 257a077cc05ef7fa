import type { Client } from "pg";
import type { CrashDatabase } from "./crash-database";

/** Sessions that stand in the way of a run, each with an open transaction that holds something. */
export class Blockers {
  private readonly sessions = new Map<string, Client>();

  constructor(private readonly database: CrashDatabase) {}

  /** @param statement what the transaction does, and then stays open */
  async hold(name: string, statement: string): Promise<void> {
    const session = await this.database.session(name);
    this.sessions.set(name, session);
    await session.query(`begin; ${statement}`);
  }

  /** Rolls back: whatever waited goes on, as if the blocker had never been. */
  async release(name: string): Promise<void> {
    const session = this.sessions.get(name);
    this.sessions.delete(name);
    if (session !== undefined) await this.database.close(session);
  }

  async releaseAll(): Promise<void> {
    for (const name of this.sessions.keys()) await this.release(name);
  }
}
