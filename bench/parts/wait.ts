import { Applications } from "../applications";
import { baseline } from "../baseline";
import type { Bench, Findings } from "../bench";
import type { Figure } from "../figures";
import { withHeartbeat } from "../ours";
import { Stage } from "../stage";
import type { Waits } from "../writers";

type Settings = Record<string, string>;

/** The disk out of the way: what is left of a wait is our locks, and what the server itself and the two cores take. */
const noDisk: Settings = { fsync: "off", max_wal_size: "16GB" };

/** Nor does anybody wait while the server fills a new file of its log with zeros: our locks alone, and the cores. */
const noFilling: Settings = { ...noDisk, wal_init_zero: "off" };

/** How long applications wait that write single rows during the whole `up`; and during plain.sql, to compare. */
export async function wait(bench: Bench): Promise<Findings> {
  const keys = `${bench.options.wallets.toLocaleString("en-US")} keys`;
  const fast = await during(bench, "disk out of the way", noDisk, [up(bench), plain]);
  const locks = await during(bench, "no log files filled", noFilling, [up(bench)]);
  const usual = await during(bench, "default settings", {}, [up(bench), plain]);
  const figures: [string, Waits | undefined, Partial<Figure>?][] = [
    [`longest wait of a write during up, ${keys}, disk out of the way`, fast[0], { must: 150, goal: 50 }],
    ["the same during plain.sql", fast[1]],
    ["the same during up, wal_init_zero=off as well", locks[0]],
    [`longest wait of a write during up, ${keys}, default settings`, usual[0]],
    ["the same during plain.sql", usual[1]],
  ];
  return {
    figures: figures.flatMap(([name, waits, limits]) =>
      waits === undefined ? [] : [{ ...figureOf(name, waits), ...limits }],
    ),
  };
}

interface Work {
  readonly name: string;
  readonly run: (stage: Stage, database: string) => Promise<unknown>;
}

const up = ({ deployments }: Bench): Work => ({
  name: "up",
  run: async (stage, database) => deployments.up(await deployments.stack(stage.server.url(database))),
});

const plain: Work = { name: "plain.sql", run: (stage, database) => stage.time(database, baseline("plain")) };

/** One after the other on one server, each on a fresh database. */
async function during(
  { options, say }: Bench,
  what: string,
  settings: Settings,
  works: readonly Work[],
): Promise<Waits[]> {
  const stage = await Stage.start(options.major, say, settings);
  const results: Waits[] = [];
  try {
    for (const work of works) {
      const database = await stage.database(options.wallets);
      const applications = await Applications.start(stage, database);
      try {
        await withHeartbeat(say, `${work.name}, ${what}, applications writing`, work.run(stage, database));
      } finally {
        // Their sessions end first, and take the last wait with them.
        results.push(await applications.stop());
      }
      await stage.drop(database);
    }
    return results;
  } finally {
    await stage.server.remove();
  }
}

function figureOf(name: string, { longest, worst, p50, p99, writes }: Waits): Figure {
  const behind = `${writes.toLocaleString("en-US")} writes, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms; longest: ${worst}`;
  return { name, value: longest, unit: "ms", behind };
}
