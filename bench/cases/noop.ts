import { formatNumber } from "../../components/format";
import { requirePreconditions } from "../../components/key-transfer/preconditions";
import { countWallets } from "../../components/key-transfer/sql/state-counts";
import { walletStateSql } from "../../components/key-transfer/wallet-state";
import { withClient } from "../../components/postgres/connection";
import { wallets as tables } from "../../fixtures/wallets";
import { baseline } from "../baseline";
import type { Bench, Findings } from "../case";
import { median } from "../figures";
import { withHeartbeat } from "../run-transfer";
import { Stage } from "../stage";

/** An `up` with nothing to do: one look at all wallets, and what Pulumi itself takes. */
export async function noop({ options: { wallets, major, runs }, deployments, say }: Bench): Promise<Findings> {
  const stage = await Stage.start(major, say);
  try {
    const database = await stage.database(wallets);
    const url = stage.server.url(database);
    const stack = await deployments.stack(url);
    await withHeartbeat(say, "the first up", deployments.up(stack));
    await stage.query(database, "vacuum (analyze) project_credentials");
    await stage.query(database, "vacuum (analyze) credential_vault_storage");
    await stage.query(database, "checkpoint");
    const empty = await deployments.emptyProgram();
    const [up, without, counting, byHand]: [number[], number[], number[], number[]] = [[], [], [], []];
    // More than of the others: it takes seconds, and the first ones come while the system still writes what it was given.
    for (let n = 0; n < 2 * runs + 1; n += 1) {
      byHand.push(await stage.time(database, baseline("counting")));
      counting.push(await surveyQuery(url));
      up.push((await deployments.up(stack, "--expect-no-changes")).ms);
      without.push((await empty()).ms);
      say(
        `up ${round(up[n])} ms, without resources ${round(without[n])} ms, counting ${round(counting[n])} ms, by hand ${round(byHand[n])} ms`,
      );
    }
    const own = median(up) - median(without);
    const behind = `${round(median(up))} ms − ${round(median(without))} ms`;
    return {
      figures: [
        {
          name: `up with nothing to do, ${formatNumber(wallets)} wallets ÷ counting them by hand`,
          value: own / median(byHand),
          unit: "ratio",
          must: 2,
          goal: 1.2,
          behind: `(${behind}) ÷ ${round(median(byHand))} ms`,
        },
        {
          name: "the same ÷ our own look at all of them",
          value: own / median(counting),
          unit: "ratio",
          behind: `(${behind}) ÷ ${round(median(counting))} ms`,
        },
      ],
    };
  } finally {
    await stage.server.remove();
  }
}

/** Milliseconds of the query that tells how all wallets stand, run once by a session that is there already. */
async function surveyQuery(url: string): Promise<number> {
  return withClient(url, { purpose: "bench", readOnly: true }, async (client) => {
    const stateSql = walletStateSql(tables, await requirePreconditions(client, tables));
    const started = performance.now();
    await countWallets(client, tables, stateSql);
    return performance.now() - started;
  });
}

const round = (ms: number | undefined): string => formatNumber(Math.round(ms ?? Number.NaN));
