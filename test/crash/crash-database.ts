import { Client } from "pg";
import { fixture } from "../../fixtures/fixtures";
import { type Major, PostgresServer } from "../../testing/postgres-server";
import { ledger } from "./checker";

const template = "crash_template";
/** Platforms hand new objects to web roles: a view must not be seen by them for an instant. */
const strangers = `do $$ begin if to_regrole('stranger') is null then create role stranger; end if; end $$;
  alter default privileges grant select on tables to stranger`;

/** A server that is there to be crashed, and the database that every run gets a copy of. */
export class CrashServer {
  private count = 0;

  private constructor(readonly server: PostgresServer) {}

  /**
   * fsync is off: the machine stays up, only processes die. A crashed server still loses what it had not handed to the
   * operating system.
   */
  static async start(major: Major, wallets: number, program?: { readonly clean: boolean }): Promise<CrashServer> {
    // Without a place for prepared transactions nobody could forget one.
    const settings = { fsync: "off", max_connections: "100", max_prepared_transactions: "5" };
    const server = await PostgresServer.start({ major, settings });
    const host = new CrashServer(server);
    await host.query("postgres", `create database ${template}`);
    await host.query(template, fixture("wallet-system"));
    await host.query(template, fixture("mixed", wallets));
    if (program?.clean) await host.query(template, nothingForAPerson);
    await host.query(template, ledger);
    await host.query(template, strangers);
    return host;
  }

  /** A fresh database for one run; dropped with `CrashDatabase.remove`. */
  async database(): Promise<CrashDatabase> {
    this.count += 1;
    const name = `crash_${this.count}`;
    await this.query("postgres", `create database ${name} template ${template}`);
    return new CrashDatabase(this, name);
  }

  async query(database: string, sql: string): Promise<void> {
    const client = new Client({ connectionString: this.server.url(database) });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  }
}

/** Leaves only wallets that a transfer can finish, so that the status ends as `complete`. */
const nothingForAPerson = `
  delete from project_credentials where id in (select credential_id from expected_state where after <> 'stored');
  delete from expected_state where after <> 'stored'`;

/** A database in which something is about to be killed. */
export class CrashDatabase {
  private readonly open = new Set<Client>();

  constructor(
    readonly host: CrashServer,
    readonly name: string,
  ) {}

  get url(): string {
    return this.host.server.url(this.name);
  }

  /** A session of the test's own. It may die with the server; whoever uses it then gets an error. */
  async session(purpose: string): Promise<Client> {
    const client = new Client({ connectionString: this.url, application_name: `crash test: ${purpose}` });
    client.on("error", () => undefined);
    await client.connect();
    this.open.add(client);
    return client;
  }

  async close(client: Client): Promise<void> {
    this.open.delete(client);
    await client.end().catch(() => undefined);
  }

  async remove(): Promise<void> {
    for (const client of this.open) await this.close(client);
    await this.host.query("postgres", `drop database ${this.name} with (force)`);
  }
}
