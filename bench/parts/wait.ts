import { Applications, type Waits } from "../applications";
import { baseline } from "../baseline";
import type { Bench, Findings } from "../bench";
import type { Figure } from "../figures";
import { withHeartbeat } from "../ours";
import { Stage } from "../stage";

/** The disk out of the way: what is left of a wait is our locks, and the two cores that everybody shares. */
const noDisk = { fsync: "off", max_wal_size: "16GB" };

/** How long applications wait that write single rows during the whole `up`; and during plain.sql, to compare. */
export async function wait(bench: Bench): Promise<Findings> {
  const { wallets } = bench.options;
  const keys = `${wallets.toLocaleString("en-US")} keys`;
  const fast = await during(bench, noDisk);
  const usual = await during(bench, {});
  return {
    figures: [
      {
        ...figureOf(`longest wait of a write during up, ${keys}, disk out of the way`, fast.ours),
        must: 150,
        goal: 50,
      },
      figureOf("the same during plain.sql", fast.plain),
      figureOf(`longest wait of a write during up, ${keys}, default settings`, usual.ours),
      figureOf("the same during plain.sql", usual.plain),
    ],
  };
}

async function during(
  { options: { wallets, major }, deployments, say }: Bench,
  settings: Record<string, string>,
): Promise<{ ours: Waits; plain: Waits }> {
  const stage = await Stage.start(major, say, settings);
  const what = settings === noDisk ? "disk out of the way" : "default settings";
  const watched = async (name: string, work: (database: string) => Promise<unknown>): Promise<Waits> => {
    const database = await stage.database(wallets);
    const applications = await Applications.start(stage, database);
    try {
      await withHeartbeat(say, `${name}, ${what}, applications writing`, work(database));
    } finally {
      // Their sessions end first, and take the last wait with them.
      await applications.stop();
    }
    await stage.drop(database);
    return applications.stop();
  };
  try {
    const ours = await watched("up", async (database) => {
      const stack = await deployments.stack(stage.server.url(database));
      await deployments.up(stack);
    });
    const plain = await watched("plain.sql", (database) => stage.time(database, baseline("plain")));
    return { ours, plain };
  } finally {
    await stage.server.remove();
  }
}

function figureOf(name: string, { longest, worst, p50, p99, writes }: Waits): Figure {
  const behind = `${writes.toLocaleString("en-US")} writes, p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms; longest: ${worst}`;
  return { name, value: longest, unit: "ms", behind };
}
