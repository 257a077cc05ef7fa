import type { Client } from "pg";
import { faultsAfterKill, faultsInTheEnd } from "../checker";
import type { CrashDatabase } from "../crash-database";
import { held, type Step } from "../steps";
import type { Child } from "../../../testing/child";
import { killAll } from "../../../testing/processes";
import type { PulumiSandbox } from "../../../testing/pulumi-sandbox";
import type { CliKill } from "./kills";

/** One stack and one database: `up`, killed at a step; then what a person would do, which must end well. */
export async function attemptUnderCli(
  project: PulumiSandbox,
  database: CrashDatabase,
  kill: CliKill,
  step: Step,
): Promise<readonly string[]> {
  const stack = database.name;
  await project.stack(stack, { databaseUrl: database.url });
  const look = await database.session("checking");
  const holding = await held(database);
  await step.prepare(holding);
  const up = project.start(["up", "--yes", "--skip-preview", "--stack", stack]);
  try {
    await Promise.race([step.reached(holding), endedEarly(up)]);
    const family = up.family();
    kill.strike(up);
    const { code } = await up.ended;
    await holding.blockers.releaseAll();
    const struck = code === 0 ? ["the update that was struck says that all is well"] : [];
    struck.push(...(await faultsAfterKill(look)));
    const ended = await takeUpAgain(project, stack, kill, look);
    // What a killed CLI leaves running has nobody left to talk to; a machine that goes away takes it along.
    killAll(family);
    return [...struck, ...ended];
  } finally {
    up.killTree();
    await holding.blockers.releaseAll();
  }
}

/** `up`; where the dead process left its lock, that refuses and says what to do: `cancel`, and `up` again. */
async function takeUpAgain(
  project: PulumiSandbox,
  stack: string,
  kill: CliKill,
  look: Client,
): Promise<readonly string[]> {
  const faults: string[] = [];
  const up = ["up", "--yes", "--skip-preview", "--stack", stack];
  let result = await project.pulumi(up);
  if (kill.leavesLock) {
    if (result.code === 0) faults.push("the stack was not locked by the dead process");
    else if (!/pulumi cancel/.test(result.stdout + result.stderr)) faults.push("nothing says: pulumi cancel");
    await project.pulumi(["cancel", "--yes", "--stack", stack]);
    result = await project.pulumi(up);
  }
  if (result.code !== 0) return [...faults, `the last up failed: ${tail(result.stdout + result.stderr)}`];
  const { status, summary } = await project.outputs(stack);
  if (status !== "complete") faults.push(`the status is ${String(status)}, not complete`);
  const { states } = summary as { states: Record<string, number> };
  faults.push(...(await faultsInTheEnd(look, states)));
  const again = await project.pulumi(["up", "--yes", "--skip-preview", "--expect-no-changes", "--stack", stack]);
  if (again.code !== 0) faults.push(`another up finds changes: ${tail(again.stdout + again.stderr)}`);
  return faults;
}

async function endedEarly(up: Child): Promise<never> {
  const { code, stdout, stderr } = await up.ended;
  throw new Error(`up ended before the step, with exit code ${code}: ${tail(stdout + stderr)}`);
}

const tail = (text: string): string => text.trim().split("\n").slice(-12).join("\n");
