import type { Major } from "../../testing/postgres-server";
import { type Attempt, attempt, type Plan, undisturbed } from "./attempt";
import { Hostility } from "./hostility";
import { type Kill, kills } from "./kills";
import type { Matrix } from "./matrix";
import { oneOf } from "./random";
import type { CrashServer } from "./crash-database";
import { type Step, StepMissed, steps } from "./steps";

export type Say = (line: string) => void;

/** Where results go, and whose they are. */
export interface Round {
  readonly host: CrashServer;
  readonly major: Major;
  readonly matrix: Matrix;
  readonly say: Say;
}

/**
 * Kills at step boundaries. Writers are at work in every second attempt.
 *
 * @param wanted which kinds to use at a step
 */
export async function killAtSteps(
  { host, major, matrix, say }: Round,
  wanted: (step: Step, n: number) => readonly Kill[],
): Promise<void> {
  for (const [n, step] of steps.entries()) {
    for (const [k, kill] of wanted(step, n).entries()) {
      // The step before the read-back is told by nothing being left to do: writers would put it off for ever.
      const writers = (n + k) % 2 === 1 && !step.name.includes("read-back");
      const { faults, endings } = await meeting(host, { kill, moments: [step], writers });
      matrix.add(kill.name, step.name, major, faults);
      say(`PostgreSQL ${major}: ${kill.name}, ${step.name}: ${faults.join("; ") || `ok (${endings.join()})`}`);
    }
  }
}

/** For a step that nothing holds (the read-back under way) a stall of this process is enough to miss it. */
const mostTries = 5;

/** A machine that is busy with other things may be too slow to hold a run where it is wanted: then it is tried again. */
async function meeting(host: CrashServer, plan: Plan): Promise<Attempt> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt(host, plan);
    } catch (error) {
      if (!(error instanceof StepMissed)) throw error;
      if (tries === mostTries) return { faults: [error.message], met: 0, endings: [] };
    }
  }
}

/**
 * Kills at random instants of a run: one to three on the same database, one after the other, before it may finish.
 *
 * @param count kills that are to meet a run
 * @param hostile whether triggers and migrations are drawn as well, for half of the databases
 */
export async function killAtRandom(
  { host, major, matrix, say }: Round,
  count: number,
  random: () => number,
  hostile = false,
): Promise<void> {
  if (count === 0) return;
  const length = await undisturbed(host);
  say(`PostgreSQL ${major}: an undisturbed run takes ${Math.round(length)} ms`);
  let [done, told] = [0, Date.now()];
  for (let n = 0; done < count; n += 1) {
    const kill = n < kills.length ? (kills[n] as Kill) : oneOf(kills, random);
    const times = Math.min(1 + Math.floor(random() * 3), count - done);
    const moments = Array.from({ length: times }, () => random() * length);
    const hostility = hostile && random() < 0.5 ? Hostility.drawn(Math.floor(random() * 2 ** 31)) : undefined;
    const writers = random() < 0.5 && hostility === undefined;
    const { faults, met } = await attempt(host, { kill, moments, writers, ...(hostility && { hostility }) });
    done += met;
    const beside = hostility ? ", with triggers and migrations" : writers ? ", with writers" : "";
    if (met > 0 || faults.length > 0) matrix.add(kill.name, `random instant${beside}`, major, faults, Math.max(met, 1));
    for (const fault of faults)
      say(`PostgreSQL ${major}: ${kill.name}, random instant: ${fault}${hostility ? ` (${hostility.what})` : ""}`);
    if (Date.now() - told > 5_000 || done >= count) {
      say(`PostgreSQL ${major}: ${done} of ${count} random kills`);
      told = Date.now();
    }
  }
}
