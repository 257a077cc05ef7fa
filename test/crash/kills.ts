import type { Provider } from "./provider";
import type { CrashDatabase, CrashServer } from "./crash-database";

/** What is killed. */
export interface Kill {
  readonly name: string;
  /** True where the process itself is killed; else it lives on, to notice what happened. */
  readonly endsProcess: boolean;
  readonly strike: (provider: Provider, database: CrashDatabase) => Promise<void>;
}

const sessionsOfOurs = `
  select pg_terminate_backend(pid) from pg_stat_activity
   where datname = current_database() and application_name like 'wallet-vault%'`;

export const kills: readonly Kill[] = [
  {
    name: "kill -9 of the provider",
    endsProcess: true,
    strike: async (provider) => provider.kill(),
  },
  {
    name: "pg_terminate_backend",
    endsProcess: false,
    strike: (_provider, { host, name }) => host.query(name, sessionsOfOurs),
  },
  {
    name: "immediate stop and restart",
    endsProcess: false,
    strike: (_provider, { host }) => host.server.restart("immediate"),
  },
  {
    name: "kill -9 of the server",
    endsProcess: false,
    async strike(_provider, { host }) {
      await host.server.kill();
      await broughtBack(host);
    },
  },
];

/**
 * Starts a server whose processes were killed. One that was just being forked may outlive the others by an instant, and
 * while it holds the shared memory no postmaster starts: a supervisor would try again, too.
 */
async function broughtBack({ server }: CrashServer): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await server.restart();
    } catch (error) {
      if (tries === 10) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
