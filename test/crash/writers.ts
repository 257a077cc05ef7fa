import { Client } from "pg";
import type { CrashDatabase } from "./crash-database";

const kinds = ["add", "rekey", "delete", "busy", "active"];
const sessions = 2;
/** Writes of a session at most, so that a run that is slow does not turn into another fixture. */
const most = 400;

/**
 * Applications that go on adding, re-keying, updating and deleting wallets while things are killed. Each write and what
 * the checker has to know of it are one transaction.
 */
export class Writers {
  private stopping = false;
  private readonly done: Promise<unknown>;

  constructor(private readonly database: CrashDatabase) {
    this.done = Promise.all(Array.from({ length: sessions }, (_, n) => this.write(n)));
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.done;
  }

  private async write(first: number): Promise<void> {
    let client: Client | undefined;
    for (let n = first; n < most && !this.stopping; n += 1) {
      try {
        client ??= await this.connect();
        await client.query("select ledger.write($1)", [kinds[n % kinds.length]]);
      } catch {
        // The server is down, or a deadlock was resolved at this session's cost: applications try again.
        await client?.end().catch(() => undefined);
        client = undefined;
      }
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
    await client?.end().catch(() => undefined);
  }

  private async connect(): Promise<Client> {
    const client = new Client({ connectionString: this.database.url, application_name: "crash test: an application" });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }
}
