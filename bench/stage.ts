import { Client } from "pg";
import { formatNumber } from "../components/format";
import { fixture } from "../fixtures/fixtures";
import { type Major, PostgresServer } from "../testing/postgres-server";

export type Say = (line: string) => void;

/** A server of its own for measurements, and databases with wallets whose keys wait. */
export class Stage {
  private count = 0;
  private readonly templates = new Map<number, Promise<string>>();

  private constructor(
    readonly server: PostgresServer,
    private readonly say: Say,
  ) {}

  /** @param settings none: PostgreSQL's own defaults, as a user who changed nothing has them */
  static async start(major: Major, say: Say, settings: Record<string, string> = {}): Promise<Stage> {
    return new Stage(await PostgresServer.start({ major, settings }), say);
  }

  /** A fresh database with that many waiting wallets, on disk and in order, after a checkpoint. Returns its name. */
  async database(wallets: number): Promise<string> {
    const template = await this.template(wallets);
    this.count += 1;
    const name = `bench_${this.count}`;
    // The other way of copying writes the whole template to the WAL.
    const strategy = this.server.major >= 15 ? " strategy file_copy" : "";
    await this.query("postgres", `create database ${name} template ${template}${strategy}`);
    await this.query("postgres", "checkpoint");
    return name;
  }

  async drop(name: string): Promise<void> {
    await this.query("postgres", `drop database if exists ${name} with (force)`);
  }

  /** Milliseconds that the statements take, run by a plain client. */
  async time(database: string, sql: string): Promise<number> {
    const client = await this.client(database);
    try {
      const started = performance.now();
      await client.query(sql);
      return performance.now() - started;
    } finally {
      await client.end();
    }
  }

  async query<Row>(database: string, sql: string): Promise<Row[]> {
    const client = await this.client(database);
    try {
      return (await client.query(sql)).rows as Row[];
    } finally {
      await client.end();
    }
  }

  async client(database: string): Promise<Client> {
    const client = new Client({ connectionString: this.server.url(database), application_name: "bench" });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }

  private template(wallets: number): Promise<string> {
    const known = this.templates.get(wallets);
    if (known !== undefined) return known;
    const made = (async () => {
      this.say(`making ${formatNumber(wallets)} wallets`);
      const name = `template_${wallets}`;
      await this.query("postgres", `create database ${name}`);
      await this.query(name, fixture("wallet-system"));
      await this.query(name, fixture("waiting", wallets));
      // Hint bits and the visibility map are those of a table that has been in use, not of one just loaded.
      await this.query(name, "vacuum (analyze) project_credentials");
      return name;
    })();
    this.templates.set(wallets, made);
    return made;
  }
}
