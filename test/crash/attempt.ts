import type { Client } from "pg";
import { dueStatus, faultsAfterKill, faultsInTheEnd, type Faults } from "./checker";
import type { Hostility } from "./hostility";
import type { Kill } from "./kills";
import { type Ending, Provider } from "./provider";
import type { CrashDatabase, CrashServer } from "./crash-database";
import { held, type Step, StepMissed } from "./steps";
import { Writers } from "./writers";

/** When to kill: at a step, or after so many milliseconds of a run; several of them one after the other. */
export type Moment = Step | number;

export interface Plan {
  readonly kill: Kill;
  readonly moments: readonly Moment[];
  /** Whether applications go on writing. */
  readonly writers: boolean;
  /** Not together with writers, whose own writes it would spoil. */
  readonly hostility?: Hostility;
}

export interface Attempt {
  /** Whatever is not as it must be. */
  readonly faults: Faults;
  /** Kills that met a run; a random one may come when all is done. */
  readonly met: number;
  /** How the runs ended that were struck: `killed`, `went on by itself`, or the code they failed with. */
  readonly endings: readonly string[];
}

/** One database: deploys and kills as planned, looks after every kill, deploys once more in peace, and looks again. @throws StepMissed */
export async function attempt(host: CrashServer, plan: Plan): Promise<Attempt> {
  const database = await host.database();
  const writers = plan.writers ? new Writers(database) : undefined;
  const faults: string[] = [];
  const endings: string[] = [];
  let met = 0;
  try {
    await plan.hostility?.begin(database);
    for (const moment of plan.moments) {
      const { struck, ending } = await deployAndKill(database, plan.kill, moment);
      if (struck) met += 1;
      if (struck) endings.push(!("ok" in ending) ? "killed" : ending.ok ? "went on by itself" : ending.code);
      if ("ok" in ending) faults.push(...faultsOf(ending));
      faults.push(...(await looking(database, faultsAfterKill)));
    }
    await writers?.stop();
    await plan.hostility?.end(database);
    faults.push(...(await deployInPeace(database)));
  } catch (error) {
    if (error instanceof StepMissed) throw error;
    faults.push(`the attempt could not be made: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await writers?.stop();
    await database
      .remove()
      .catch((error: unknown) => faults.push(`the database could not be dropped: ${String(error)}`));
  }
  return { faults, met, endings };
}

/** Milliseconds that a run takes which nobody disturbs. */
export async function undisturbed(host: CrashServer): Promise<number> {
  const database = await host.database();
  try {
    const provider = await Provider.next();
    const started = performance.now();
    provider.go(database.url);
    const ending = await provider.ending();
    const took = performance.now() - started;
    const faults = await verdict(database, ending);
    if (faults.length > 0) throw new Error(`Without any kill: ${faults.join("; ")}`);
    return took;
  } finally {
    await database.remove();
  }
}

async function deployAndKill(
  database: CrashDatabase,
  kill: Kill,
  moment: Moment,
): Promise<{ struck: boolean; ending: Ending }> {
  const provider = await Provider.next();
  const holding = typeof moment === "number" ? undefined : await held(database);
  try {
    if (typeof moment !== "number" && holding) await moment.prepare(holding);
    provider.go(database.url);
    if (typeof moment === "number") await new Promise((resolve) => setTimeout(resolve, moment));
    else if (holding) await Promise.race([moment.reached(holding), endedEarly(provider)]);
    const struck = provider.running;
    // A run that nothing holds any more may end while this process waits for its turn.
    if (!struck && typeof moment !== "number") await endedEarly(provider);
    await kill.strike(provider, database);
    await holding?.blockers.releaseAll();
    return { struck, ending: await provider.ending() };
  } catch (error) {
    provider.kill();
    await holding?.blockers.releaseAll();
    await provider.ending();
    throw error;
  }
}

async function endedEarly(provider: Provider): Promise<never> {
  throw new StepMissed(`the run ended before the kill: ${JSON.stringify(await provider.ending())}`);
}

async function deployInPeace(database: CrashDatabase): Promise<Faults> {
  const provider = await Provider.next();
  provider.go(database.url);
  return verdict(database, await provider.ending());
}

async function verdict(database: CrashDatabase, ending: Ending): Promise<Faults> {
  if (!("ok" in ending)) return ["it was killed by somebody else"];
  if (!ending.ok) return [`the last run failed: ${ending.code}: ${ending.message}`];
  return looking(database, async (client) => {
    const due = await dueStatus(client);
    const status = ending.status === due ? [] : [`the status is ${ending.status}, not ${due}`];
    return [...status, ...(await faultsInTheEnd(client, ending.states))];
  });
}

/** A run that was struck may fail, in words meant for a person and with nothing of a row in them. */
function faultsOf(ending: Exclude<Ending, { killed: true }>): Faults {
  if (ending.ok) return [];
  if (!ending.code.startsWith("ERR_")) return [`the run that was struck: ${ending.code}: ${ending.message}`];
  return /0x[0-9a-f]{16}/.test(ending.message) ? ["an error quotes a key"] : [];
}

async function looking(database: CrashDatabase, look: (client: Client) => Promise<Faults>): Promise<Faults> {
  const client = await database.session("checking");
  try {
    return await look(client);
  } finally {
    await database.close(client);
  }
}
