import type { Bench, Findings } from "../bench";
import { median } from "../figures";
import { moveKeys } from "../ours";
import { Stage } from "../stage";

/** Ten times the wallets should take ten times as long. */
export async function growth({ options: { wallets, major, runs }, say }: Bench): Promise<Findings> {
  const stage = await Stage.start(major, say);
  const few = Math.round(wallets / 10);
  const timed = async (n: number): Promise<number> => {
    const database = await stage.database(n);
    const moved = await moveKeys(stage, database, say);
    await stage.drop(database);
    return moved.constraint + moved.transfer;
  };
  try {
    const small: number[] = [];
    for (let n = 0; n < runs; n += 1) small.push(await timed(few));
    const large = await timed(wallets);
    return {
      figures: [
        {
          name: `growth: time at ${wallets.toLocaleString("en-US")} ÷ at ${few.toLocaleString("en-US")}`,
          value: large / median(small),
          unit: "ratio",
          must: 12,
          goal: 10,
          behind: `${(large / 1000).toFixed(1)} s ÷ ${(median(small) / 1000).toFixed(1)} s`,
        },
      ],
    };
  } finally {
    await stage.server.remove();
  }
}
