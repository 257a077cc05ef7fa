import { createHash } from "node:crypto";
import { Client } from "pg";
import { states as stateNames } from "../components/key-transfer/states";
import { failedMigration, fixture } from "../fixtures/fixtures";
import { PostgresServer } from "../testing/postgres-server";
import { comparison, type States, statesByHand, vaultMismatches } from "./states";

/** A wallet system on a server of its own, and what the demo asks of it past the program: an independent witness. */
export class WalletSystem {
  private constructor(
    readonly server: PostgresServer,
    private readonly client: Client,
  ) {}

  static async start(): Promise<WalletSystem> {
    const server = await PostgresServer.start();
    const client = new Client({ connectionString: server.url() });
    // The server may go before this session does.
    client.on("error", () => undefined);
    await client.connect();
    return new WalletSystem(server, client);
  }

  get url(): string {
    return this.server.url();
  }

  async load(wallets: number): Promise<void> {
    for (const sql of [fixture("wallet-system"), fixture("later-additions"), fixture("mixed", wallets)]) {
      await this.client.query(sql);
    }
  }

  /** Runs the statement of the first migration. Returns SQLSTATE and message of what it dies of; undefined if it lives. */
  async tryFailedMigration(): Promise<{ sqlstate: string; message: string } | undefined> {
    try {
      await this.client.query(`begin; ${failedMigration}; rollback`);
      return undefined;
    } catch (error) {
      await this.client.query("rollback");
      const { code, message } = error as Error & { code?: string };
      return { sqlstate: String(code), message };
    }
  }

  /** The wallets per state, counted without a line of the program's SQL. */
  async states(): Promise<States> {
    const { rows } = await this.client.query<{ state: keyof States; wallets: number }>(statesByHand);
    const counts = new Map(rows.map(({ state, wallets }) => [state, wallets]));
    return Object.fromEntries(stateNames.map((state) => [state, counts.get(state) ?? 0])) as States;
  }

  /** Wallets that are not as the fixture says they should be. */
  async unexpected(moment: "before" | "after"): Promise<number> {
    return this.count(comparison(moment));
  }

  /** Wallets whose vault row is not, byte for byte, what the fixture says it should be. */
  async wrongKeys(): Promise<number> {
    return this.count(vaultMismatches);
  }

  /** A digest of every row of both tables and of what is in the schema: two equal ones mean that nothing was written. */
  async fingerprint(): Promise<string> {
    const { rows } = await this.client.query<{ line: string }>(`
      select md5(string_agg(md5(c::text), '' order by c.id)) as line from project_credentials c
      union all select md5(string_agg(md5(v::text), '' order by v.id)) from credential_vault_storage v
      union all select string_agg(relname || relkind::text, ',' order by relname) from pg_class
       where relnamespace = 'public'::regnamespace`);
    return createHash("sha256").update(JSON.stringify(rows)).digest("hex");
  }

  /** Ids of some wallets in a state, from the monitoring view. */
  async some(state: keyof States, limit: number): Promise<string[]> {
    const { rows } = await this.client.query<{ id: string }>(
      "select credential_id as id from wallet_status_monitoring where migration_status = $1 order by 1 limit $2",
      [state, limit],
    );
    return rows.map((row) => row.id);
  }

  async disconnect(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }

  private async count(sql: string): Promise<number> {
    const { rows } = await this.client.query<{ wallets: number }>(sql);
    return rows[0]?.wallets ?? -1;
  }
}
