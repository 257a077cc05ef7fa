import type { Environment } from "./environment";
import type { ProgramCopy } from "./program-copy";
import type { Screen } from "./screen";
import { word } from "./shell";

/** Says how to look at what stays, and how to end it. Its commands can be copied as they are. */
export function endAllKept(screen: Screen, environments: readonly Environment[], copy: ProgramCopy): void {
  const { sandbox } = copy;
  const servers = environments.map(({ system }) => system.server);
  for (const server of servers) server.keep();
  sandbox.keep();
  screen.line(`Look at them: ${environments.map(({ stack }) => stack).join(", ")}`);
  for (const { system } of environments) screen.line(`psql ${system.url}`);
  screen.line();
  screen.line("Use the stacks, in the copy of the program:");
  screen.line(`  cd ${word(sandbox.folder)}`);
  for (const [name, value] of Object.entries(sandbox.settings)) screen.line(`  export ${name}=${word(value)}`);
  screen.line("  npm run promote -- dev staging prod");
  screen.line("  npm run pulumi -- stack output receipt --stack prod");
  screen.line();
  screen.line("End them:");
  screen.line(`  kill -INT ${servers.map(({ pid }) => pid).join(" ")} && sleep 2`);
  for (const folder of [...servers.map((server) => server.folder), sandbox.root])
    screen.line(`  rm -r ${word(folder)}`);
}

/** Stops the servers and deletes what the demo made, except for the reports. */
export async function endAllRemoved(
  screen: Screen,
  environments: readonly Environment[],
  { sandbox }: ProgramCopy,
): Promise<void> {
  sandbox.remove();
  await screen.working("stopping PostgreSQL", async () => {
    for (const { system } of environments) await system.server.remove();
  });
  screen.line("Stopped and deleted, the stacks as well; the report stays. To keep them:");
  screen.line("  npm run demo -- --promote --keep");
}
