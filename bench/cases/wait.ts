import { formatNumber } from "../../components/format";
import { Applications } from "../applications";
import { baseline } from "../baseline";
import type { Bench, Findings } from "../case";
import type { Figure } from "../figures";
import { withHeartbeat } from "../run-transfer";
import { Stage } from "../stage";
import type { Waits } from "../writers";

type Settings = Record<string, string>;

/** The disk out of the way: what is left of a wait is our locks, and what the server itself and the two cores take. */
const noDisk: Settings = { fsync: "off", max_wal_size: "16GB" };

/** Nor does anybody wait while the server fills a new file of its log with zeros: our locks alone, and the cores. */
const noFilling: Settings = { ...noDisk, wal_init_zero: "off" };

/** How long applications wait that write single rows during the whole `up`; and during plain.sql, to compare. */
export async function wait(bench: Bench): Promise<Findings> {
  const { deployments, options } = bench;
  const longest = `longest wait of a write during up, ${formatNumber(options.wallets)} keys`;
  const up = (figure: string, limits: Partial<Figure> = {}): Work => ({
    name: "up",
    figure,
    limits,
    run: async (stage, database) => deployments.up(await deployments.stack(stage.server.url(database))),
  });
  return {
    figures: [
      ...(await during(bench, "disk out of the way", noDisk, [
        up(`${longest}, disk out of the way`, { must: 150, goal: 50 }),
        plain,
      ])),
      ...(await during(bench, "no log files filled", noFilling, [up("the same during up, wal_init_zero=off as well")])),
      ...(await during(bench, "default settings", {}, [up(`${longest}, default settings`), plain])),
    ],
  };
}

interface Work {
  readonly name: string;
  readonly figure: string;
  readonly limits?: Partial<Figure>;
  readonly run: (stage: Stage, database: string) => Promise<unknown>;
}

const plain: Work = {
  name: "plain.sql",
  figure: "the same during plain.sql",
  run: (stage, database) => stage.time(database, baseline("plain")),
};

/** One after the other on one server, each on a fresh database. */
async function during(
  { options, say }: Bench,
  what: string,
  settings: Settings,
  works: readonly Work[],
): Promise<Figure[]> {
  const stage = await Stage.start(options.major, say, settings);
  const figures: Figure[] = [];
  try {
    for (const { name, figure, limits, run } of works) {
      const database = await stage.database(options.wallets);
      const applications = await Applications.start(stage, database);
      try {
        await withHeartbeat(say, `${name}, ${what}, applications writing`, run(stage, database));
      } finally {
        // Their sessions end first, and take the last wait with them.
        figures.push({ ...figureOf(figure, await applications.stop()), ...limits });
      }
      await stage.drop(database);
    }
    return figures;
  } finally {
    await stage.server.remove();
  }
}

function figureOf(name: string, { longest, worst, p50, p99, writes }: Waits): Figure {
  const behind = `${formatNumber(writes)} writes, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms; longest: ${worst}`;
  return { name, value: longest, unit: "ms", behind };
}
