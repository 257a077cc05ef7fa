import { formatNumber } from "../../components/format";
import { baseline } from "../baseline";
import type { Bench, Findings } from "../case";
import { median } from "../figures";
import { moveKeys, withHeartbeat } from "../run-transfer";
import { Stage } from "../stage";
import { wholeOf } from "../transfer-process";

/** Ten times the wallets should take ten times as long. And how plain.sql grows, to compare. */
export async function growth({ options: { wallets, major, runs }, say }: Bench): Promise<Findings> {
  const stage = await Stage.start(major, say);
  const few = Math.round(wallets / 10);
  const timed = async (n: number, how: (database: string) => Promise<number>): Promise<number> => {
    const database = await stage.database(n);
    const ms = await how(database);
    await stage.drop(database);
    return ms;
  };
  const several = async (times: number, n: number, how: (database: string) => Promise<number>): Promise<number> => {
    const ms: number[] = [];
    for (let run = 0; run < times; run += 1) ms.push(await timed(n, how));
    return median(ms);
  };
  const grown = async (largeRuns: number, how: (database: string) => Promise<number>) => {
    const small = await several(runs, few, how);
    const large = await several(largeRuns, wallets, how);
    const behind = `${(large / 1000).toFixed(1)} s ÷ ${(small / 1000).toFixed(1)} s`;
    return { value: large / small, unit: "ratio", behind } as const;
  };
  try {
    const ours = await grown(runs, async (database) => wholeOf(await moveKeys(stage, database, say)));
    const plain = await grown(1, (database) =>
      withHeartbeat(say, "plain.sql", stage.time(database, baseline("plain"))),
    );
    return {
      figures: [
        { name: `growth: time at ${formatNumber(wallets)} ÷ at ${formatNumber(few)}`, ...ours, must: 12, goal: 10 },
        { name: "the same of plain.sql", ...plain },
      ],
    };
  } finally {
    await stage.server.remove();
  }
}
