import { formatNumber } from "../../components/format";
import { baseline } from "../baseline";
import type { Bench, Findings } from "../case";
import type { Figure } from "../figures";
import { withHeartbeat } from "../run-transfer";
import { Stage } from "../stage";

/** Where it has not ended by then, that is the answer. Minutes. */
const limit = 10;

/** How the shape grows that many migrations have; shown, not judged. */
export async function seedShape({ options: { major, wallets }, say }: Bench): Promise<Findings> {
  const stage = await Stage.start(major, say);
  const figures: Figure[] = [];
  try {
    for (const n of wallets < 100_000 ? [Math.round(wallets / 5), wallets] : [20_000, 100_000]) {
      const database = await stage.database(n);
      const sql = `set statement_timeout = '${limit}min'; ${baseline("seed-shape")}`;
      const ms = await withHeartbeat(
        say,
        `seed-shape.sql, ${formatNumber(n)} wallets`,
        stage.time(database, sql),
      ).catch((error: { code?: string }) => {
        if (error.code === "57014") return Infinity;
        throw error;
      });
      const shown = { unit: "s" as const, value: Math.min(ms, limit * 60_000) / 1000 };
      const behind =
        ms === Infinity
          ? `had not ended; stopped after ${limit} minutes`
          : `${((ms * 1000) / n).toFixed(0)} µs per key`;
      figures.push({ name: `seed-shape.sql, ${formatNumber(n)} keys`, ...shown, behind });
      await stage.drop(database);
    }
    return { figures };
  } finally {
    await stage.server.remove();
  }
}
