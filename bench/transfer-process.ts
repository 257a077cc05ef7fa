// A process that does what the provider does at `up`, without the CLI: survey, constraint, transfer. It reads the
// database's URL from standard input, and writes its progress and one line of JSON.
import { readFileSync } from "node:fs";
import type { TransferOutputs } from "../components/key-transfer/args";
import * as keyTransfer from "../components/key-transfer/operations";
import { takeSurvey } from "../components/key-transfer/survey";
import * as constraint from "../components/unique-constraint/operations";
import { peakMemoryMB } from "../testing/processes";
import { limits, wallets } from "../fixtures/wallets";

/** Milliseconds of each part, and the most memory the process ever had, in MB. */
export interface TransferTimes {
  readonly survey: number;
  readonly constraint: number;
  readonly transfer: number;
  readonly status: string;
  readonly credentials: number;
  readonly verified: number;
  readonly batches: number;
  readonly peakMB: number;
}

/** Milliseconds of all of it. */
export const wholeOf = (moved: TransferTimes): number => moved.survey + moved.constraint + moved.transfer;

const result = "result ";
export const readResult = (line: string): TransferTimes | undefined =>
  line.startsWith(result) ? JSON.parse(line.slice(result.length)) : undefined;

async function move(databaseUrl: string): Promise<TransferTimes> {
  const times = [performance.now()];
  const lap = () => void times.push(performance.now());
  const { survey } = await takeSurvey(databaseUrl, wallets);
  lap();
  for (const resource of [constraint, keyTransfer]) resource.configure(databaseUrl);
  const { schema, vaultTable: table } = wallets;
  await constraint.create({ schema, table, columns: ["credential_id"], name: `${table}_credential_id_key` });
  lap();
  const { outs } = await keyTransfer.create({ ...wallets, ...limits, revision: "bench", survey });
  lap();
  const { status, summary } = outs as TransferOutputs;
  const took = (n: number) => (times[n + 1] ?? 0) - (times[n] ?? 0);
  const { credentials, verified, lastRun } = summary;
  const measured = { survey: took(0), constraint: took(1), transfer: took(2), peakMB: peakMemoryMB("self") };
  return { ...measured, status, credentials, verified, batches: lastRun.batches };
}

if (require.main === module) {
  move(readFileSync(0, "utf8").trim()).then(
    (moved) => console.log(`${result}${JSON.stringify(moved)}`),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    },
  );
}
