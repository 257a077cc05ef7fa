// `npm run bench`: ratios, each measured side by side in one run on one server. Exit code 1 if a figure is not what it
// must be.
import { formatNumber } from "../components/format";
import { formatted } from "../testing/text-table";
import type { Bench, Findings } from "./case";
import { fleet } from "./cases/fleet";
import { growth } from "./cases/growth";
import { memory } from "./cases/memory";
import { noop } from "./cases/noop";
import { seedShape } from "./cases/seed-shape";
import { transfer } from "./cases/transfer";
import { wait } from "./cases/wait";
import { Deployments } from "./deployment";
import { figureRows, verdict } from "./figures";
import { type Options, optionsFrom, type Part } from "./options";
import { writeReport } from "./report";
import type { Say } from "./stage";

const all: Readonly<Record<Part, (bench: Bench) => Promise<Findings>>> = {
  transfer,
  wait,
  noop,
  growth,
  memory,
  "seed-shape": seedShape,
  fleet,
};

async function main(options: Options | string): Promise<boolean> {
  if (typeof options === "string") {
    console.log(options);
    return true;
  }
  const started = performance.now();
  const say: Say = (line) =>
    console.log(`${String(Math.round((performance.now() - started) / 1000)).padStart(5)} s  ${line}`);
  const deployments = await Deployments.start();
  try {
    const findings: Findings[] = [];
    for (const part of options.only) {
      say(`${part}: ${formatNumber(options.wallets)} wallets, PostgreSQL ${options.major}`);
      findings.push(await all[part]({ options, deployments, say }));
    }
    const figures = findings.flatMap((found) => found.figures);
    const tables = [figureRows(figures), ...findings.flatMap((found) => found.tables ?? [])].map(formatted);
    console.log(`\n${tables.join("\n\n")}\n`);
    if (options.write) console.log(`Written: ${await writeReport(options, tables)}`);
    return figures.every((figure) => verdict(figure) !== "MISS");
  } finally {
    deployments.remove();
  }
}

if (require.main === module) {
  Promise.resolve()
    .then(() => main(optionsFrom(process.argv.slice(2))))
    .then(
      (ok) => (process.exitCode = ok ? 0 : 1),
      (error: unknown) => {
        console.error(error instanceof Error ? error.message : error);
        process.exitCode = 1;
      },
    );
}
