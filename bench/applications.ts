import { randomBytes } from "node:crypto";
import type { Client } from "pg";
import { percentile } from "./figures";
import type { Stage } from "./stage";

/** How long the writes of applications took, in milliseconds. */
export interface Waits {
  readonly writes: number;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  /** What waited longest, and how many seconds after the first write. */
  readonly worst: string;
}

const updaters = 3;
/** Between two writes of a session: they are to notice waiting, and not to be the load. */
const pauseMs = 4;

/** Applications that write single rows all the time: three change wallets, one stores keys of new wallets itself. */
export class Applications {
  private readonly waits: number[] = [];
  private readonly started = performance.now();
  private longest = 0;
  private worst = "";
  private stopping = false;
  private readonly sessions: Promise<unknown>;

  static async start(stage: Stage, database: string): Promise<Applications> {
    const ids = await stage.query<{ id: string }>(
      database,
      "select id from project_credentials order by random() limit 20000",
    );
    const clients = await Promise.all(Array.from({ length: updaters + 1 }, () => stage.client(database)));
    return new Applications(
      clients,
      ids.map((row) => row.id),
    );
  }

  private constructor(
    clients: readonly Client[],
    private readonly ids: readonly string[],
  ) {
    this.sessions = Promise.all(
      clients.map((client, n) => this.write(client, n < updaters ? this.update : this.store)),
    );
    // Told by stop(), which is called in any case.
    this.sessions.catch(() => undefined);
  }

  async stop(): Promise<Waits> {
    this.stopping = true;
    await this.sessions;
    const { waits } = this;
    return {
      writes: waits.length,
      p50: percentile(waits, 0.5),
      p99: percentile(waits, 0.99),
      longest: this.longest,
      worst: this.worst,
    };
  }

  private async write(client: Client, one: (client: Client) => Promise<unknown>): Promise<void> {
    while (!this.stopping) {
      await one(client);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    await client.end();
  }

  private readonly update = (client: Client): Promise<unknown> => {
    const id = this.ids[Math.floor(Math.random() * this.ids.length)];
    return this.timed("update", client.query("update project_credentials set status = 'active' where id = $1", [id]));
  };

  /** As an application does that knows the vault: a wallet, its key, its flag. */
  private readonly store = async (client: Client): Promise<void> => {
    const key = `0x${randomBytes(32).toString("hex")}`;
    const wallet = `insert into project_credentials (project_id, credential_type, key_vault_id)
      values (gen_random_uuid(), 'ethereum_wallet', 'new-' || gen_random_uuid()) returning id`;
    const { id } = (await this.timed("new wallet", client.query<{ id: string }>(wallet))).rows[0] ?? { id: null };
    const row = `insert into credential_vault_storage (credential_id, vault_id, encrypted_private_key)
      values ($1::text::uuid, 'application-' || $1, $2)`;
    await this.timed("new vault row", client.query(row, [id, key]));
    const flag = "update project_credentials set vault_stored = true, vault_backup_date = now() where id = $1";
    await this.timed("flag", client.query(flag, [id]));
  };

  private async timed<T>(what: string, statement: Promise<T>): Promise<T> {
    const started = performance.now();
    const result = await statement;
    const took = performance.now() - started;
    this.waits.push(took);
    if (took > this.longest) {
      this.longest = took;
      this.worst = `${what} after ${((started - this.started) / 1000).toFixed(1)} s`;
    }
    return result;
  }
}
