import { availableParallelism } from "node:os";
import { stagesAtOnce } from "../../promotion/machine";
import type { Bench, Findings } from "../case";
import type { Promoted } from "../deployment";
import { median } from "../figures";
import { withHeartbeat } from "../run-transfer";
import { Stage } from "../stage";

/** Each database is small: what a fleet costs is the promotion of each, not its keys. */
const walletsEach = 100;

/** As many databases are promoted one by one, to compare: their median stands for all. */
const singles = 5;

/** One promotion of a wave of many databases, against as many promotions of one each; and the memory that it takes. */
export async function fleet({ options: { stacks, major }, deployments, say }: Bench): Promise<Findings> {
  const stage = await Stage.start(major, say);
  try {
    const promote = async (what: string, names: readonly string[]): Promise<Promoted> => {
      const promoted = await withHeartbeat(say, what, deployments.promote(names));
      const through = promoted.results.filter(
        ({ result, states }) => result === "promoted" && states.stored === walletsEach,
      );
      if (through.length !== names.length)
        throw new Error(`${through.length} of ${names.length} databases got through.`);
      return promoted;
    };
    const count = Math.min(singles, stacks);
    say(`making ${stacks + count} databases of ${walletsEach} wallets, and their stacks`);
    const names: string[] = [];
    for (let n = 0; n < stacks + count; n += 1)
      names.push(await deployments.stack(stage.server.url(await stage.database(walletsEach))));

    const one: Promoted[] = [];
    for (const name of names.slice(0, count)) one.push(await promote(`promotion of 1 database`, [name]));
    const all = await promote(`promotion of ${stacks} databases`, names.slice(count));
    const [each, single] = [median(one.map(({ ms }) => ms)), median(one.map(({ peakMB }) => peakMB))];
    if (all.peakMB === 0) throw new Error("No memory was seen (Linux only).");
    return {
      figures: [
        {
          name: `one promotion of ${stacks} databases ÷ ${stacks} promotions of one each`,
          value: all.ms / (stacks * each),
          unit: "ratio",
          behind: `${seconds(all.ms)} ÷ (${stacks} × ${seconds(each)}); ${stagesAtOnce()} at the same time, ${availableParallelism()} cores`,
        },
        {
          name: `memory of a promotion of ${stacks} databases`,
          value: all.peakMB,
          unit: "MB",
          behind: `the runner and all its processes at a time, what they share counted once; of one database ${Math.round(single)} MB`,
        },
      ],
    };
  } finally {
    await stage.server.remove();
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
