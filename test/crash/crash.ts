// `npm run test:crash`: kills everything that can be killed, everywhere, and lets an independent checker decide whether
// anything was lost. Exit code 1 if anything was.
import { killUnderCli } from "./cli/rounds";
import { kills } from "./kills";
import { Matrix } from "./matrix";
import { type Options, optionsFrom } from "./options";
import { Provider } from "./provider";
import { randomFrom } from "./random";
import { writeReport } from "./report";
import { killAtRandom, killAtSteps, type Say } from "./rounds";
import { CrashServer } from "./crash-database";
import { formatted } from "../../testing/text-table";

/** Majors tried side by side; each has a server of its own. */
const lanes = 2;

async function main(options: Options | string): Promise<boolean> {
  if (typeof options === "string") {
    console.log(options);
    return true;
  }
  const started = performance.now();
  const say: Say = (line) =>
    console.log(`${String(Math.round((performance.now() - started) / 1000)).padStart(5)} s  ${line}`);
  say(`seed ${options.seed}, ${options.wallets} wallets, ${options.kills} random kills`);
  const matrix = new Matrix(options.majors);
  const waiting = [...options.majors.entries()];
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
        await oneMajor(options, matrix, say, ...next);
    }),
  );
  await Provider.retire();

  const { runs, ok } = matrix.total;
  console.log(`\n${formatted(matrix.table())}\n`);
  for (const fault of matrix.faults) console.log(fault);
  console.log(`${ok} of ${runs} kills ended well`);
  if (options.write) console.log(`Written: ${await writeReport(options, matrix)}`);
  return ok === runs;
}

async function oneMajor(
  options: Options,
  matrix: Matrix,
  say: Say,
  n: number,
  major: Options["majors"][number],
): Promise<void> {
  const { majors, seed, rounds, wallets, only, hostile } = options;
  const host = await CrashServer.start(major, wallets);
  try {
    const round = { host, major, matrix, say };
    for (let done = 0; done < rounds; done += 1)
      await killAtSteps(round, (step) => kills.filter((kill) => `${kill.name}, ${step.name}`.includes(only)));
    const share = Math.floor(options.kills / majors.length) + (n < options.kills % majors.length ? 1 : 0);
    await killAtRandom(round, share, randomFrom(seed + major), hostile);
  } finally {
    await host.server.remove();
  }
  if (options.cli > 0) await killUnderCli({ major, matrix, say }, options.cli);
}

if (require.main === module) {
  Promise.resolve()
    .then(() => main(optionsFrom(process.argv.slice(2))))
    .then(
      (ok) => (process.exitCode = ok ? 0 : 1),
      async (error: unknown) => {
        await Provider.retire();
        console.error(error instanceof Error ? error.message : error);
        process.exitCode = 1;
      },
    );
}
