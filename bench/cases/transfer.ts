import { formatNumber } from "../../components/format";
import { baseline } from "../baseline";
import type { Bench, Findings } from "../case";
import { median } from "../figures";
import { moveKeys, withHeartbeat } from "../run-transfer";
import { Stage } from "../stage";
import { type TransferTimes, wholeOf } from "../transfer-process";
import { type Wal, walHead, walOf, walRow } from "../wal";

/** The whole job, verification included, against the best plain SQL, which verifies nothing. */
export async function transfer({ options: { wallets, major, runs }, say }: Bench): Promise<Findings> {
  const stage = await Stage.start(major, say);
  const ours: { moved: TransferTimes; wal: Wal }[] = [];
  const plain: { ms: number; wal: Wal }[] = [];
  try {
    // A long run stands for itself; short ones are repeated, in turns. Ours goes first: the log that it leaves behind is
    // room that plain.sql need not make.
    for (let n = 0; n < (wallets >= 500_000 ? 1 : runs); n += 1) {
      const first = await stage.database(wallets);
      const own = await walOf(stage, () => moveKeys(stage, first, say));
      ours.push({ moved: own.result, wal: own.wal });
      await stage.drop(first);
      const second = await stage.database(wallets);
      const { result: ms, wal } = await walOf(stage, () =>
        withHeartbeat(say, "plain.sql", stage.time(second, baseline("plain"))),
      );
      plain.push({ ms, wal });
      await stage.drop(second);
    }
  } finally {
    await stage.server.remove();
  }
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const mine = median(ours.map(({ moved }) => wholeOf(moved)));
  const theirs = median(plain.map(({ ms }) => ms));
  const one = ours.find(({ moved }) => wholeOf(moved) === mine) ?? ours[0];
  const other = plain.find(({ ms }) => ms === theirs) ?? plain[0];
  if (one === undefined || other === undefined) throw new Error("Nothing was measured.");
  return {
    figures: [
      {
        name: `transfer of ${formatNumber(wallets)} keys, verified ÷ plain.sql`,
        value: mine / theirs,
        unit: "ratio",
        must: 0.75,
        goal: 0.5,
        behind: `${seconds(mine)} (survey ${seconds(one.moved.survey)}, constraint ${seconds(one.moved.constraint)}, transfer ${seconds(one.moved.transfer)}, ${one.moved.batches} batches) ÷ ${seconds(theirs)}`,
      },
      {
        name: "write-ahead log of it ÷ plain.sql",
        value: one.wal.bytes / other.wal.bytes,
        unit: "ratio",
        behind: `${(one.wal.bytes / 1e9).toFixed(2)} GB ÷ ${(other.wal.bytes / 1e9).toFixed(2)} GB`,
      },
    ],
    tables: [[walHead, walRow("ours", one.wal, wallets), walRow("plain.sql", other.wal, wallets)]],
  };
}
