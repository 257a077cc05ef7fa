import { PulumiSandbox } from "../../../testing/pulumi-sandbox";
import type { Round } from "../rounds";
import { CrashServer } from "../crash-database";
import { type Step, steps } from "../steps";
import { attemptUnderCli } from "./attempt";
import { type CliKill, cliKills } from "./kills";

/** Small: what is looked at is what Pulumi makes of a death, and not the transfer. */
const wallets = 400;

/** One step of each of the three resources. */
const chosen = ["constraint not attached", "second not", "in the middle of a batch"].map(
  (part) => steps.find((step) => step.name.includes(part)) as Step,
);

/**
 * Kills a real `pulumi up`, with a backend of files, and does then what its messages say.
 *
 * @param times how often for each kind; the steps take turns
 */
export async function killUnderCli(
  { major, matrix, say }: Omit<Round, "host">,
  times: number,
  wanted: readonly CliKill[] = cliKills,
): Promise<void> {
  const project = await PulumiSandbox.create();
  const host = await CrashServer.start(major, wallets, { clean: true });
  try {
    for (let n = 0; n < times * wanted.length; n += 1) {
      const kill = wanted[n % wanted.length] as CliKill;
      const step = chosen[(n + Math.floor(n / wanted.length) + major) % chosen.length] as Step;
      const database = await host.database();
      const faults = await attemptUnderCli(project, database, kill, step).catch((error: unknown) => [
        `the attempt could not be made: ${error instanceof Error ? error.message : String(error)}`,
      ]);
      await database.remove();
      matrix.add(kill.name, step.name, major, faults);
      say(`PostgreSQL ${major}: ${kill.name}, ${step.name}: ${faults.join("; ") || "ok"}`);
    }
  } finally {
    await host.server.remove();
    project.remove();
  }
}
