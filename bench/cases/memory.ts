import { formatNumber } from "../../components/format";
import type { Bench, Findings } from "../case";
import { withHeartbeat } from "../run-transfer";
import { Stage } from "../stage";

/** The most memory that the provider process of a real `up` ever has: keys never come near it. */
export async function memory({ options: { wallets, major }, deployments, say }: Bench): Promise<Findings> {
  const stage = await Stage.start(major, say);
  try {
    const figures: Findings["figures"][number][] = [];
    for (const n of [Math.round(wallets / 10), wallets]) {
      const database = await stage.database(n);
      const stack = await deployments.stack(stage.server.url(database));
      const { peakMB, ms } = await withHeartbeat(say, `up, ${formatNumber(n)} wallets`, deployments.up(stack));
      await stage.drop(database);
      if (peakMB === 0) throw new Error("No provider process was seen: its memory was not measured (Linux only).");
      figures.push({
        name: `memory of the provider process, ${formatNumber(n)} keys`,
        value: peakMB,
        unit: "MB",
        must: 200,
        goal: 120,
        behind: `peak resident set; the whole up took ${(ms / 1000).toFixed(1)} s`,
      });
    }
    return { figures };
  } finally {
    await stage.server.remove();
  }
}
