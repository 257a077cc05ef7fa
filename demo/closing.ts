import type { PostgresServer } from "../testing/postgres-server";
import type { Screen } from "./screen";
import { word } from "./shell";
import type { Stack } from "./stack";

const views = ["wallet_status_monitoring", "vault_storage_status"] as const;

/** Says how to look at what stays, and how to end it. Its commands can be copied as they are. */
export function endKept(screen: Screen, server: PostgresServer, stack: Stack): void {
  server.keep();
  stack.sandbox.keep();
  screen.line("Look at it:");
  screen.line(`  psql ${server.url()}`);
  screen.line(`  select * from ${views[0]} limit 20;  -- a row for each wallet`);
  screen.line(`  select * from ${views[1]};               -- their counts`);
  screen.line();
  screen.line("Use the stack, in the project folder:");
  for (const [name, value] of Object.entries(stack.sandbox.settings)) screen.line(`  export ${name}=${word(value)}`);
  screen.line(`  npm run pulumi -- preview ${stack.arguments.map(word).join(" ")}`);
  screen.line();
  screen.line("End it:");
  screen.line(`  kill -INT ${server.pid} && sleep 2 && rm -r ${word(server.folder)} ${word(stack.sandbox.root)}`);
}

/** Stops the server and deletes what the demo made. */
export async function endRemoved(screen: Screen, server: PostgresServer, stack: Stack): Promise<void> {
  stack.sandbox.remove();
  await screen.working("stopping PostgreSQL", () => server.remove());
  screen.line("Stopped and deleted, the stack as well. To keep it and look at it with psql:");
  screen.line("  npm run demo -- --keep");
}
