// `npm run demo`: the whole job on a database of its own, with the real Pulumi CLI. Exit code 0 if all went as it should.
import { parseArgs } from "node:util";
import { optionsFor } from "../launcher/options";
import { cleanUpAtExit, forget } from "../testing/cleanup";
import { promotion } from "./promotion";
import { Screen } from "./screen";
import { singleDatabase } from "./single-database";

const help = `npm run demo -- [options]

Starts a PostgreSQL with a wallet system in it, shows the migration that failed on it, and runs this
project's program: pulumi preview, up, and up again. Needs no account and no running database; takes
half a minute, and once a few minutes more where the Pulumi CLI has to be built.

  --promote     show the way from dev to staging to production instead, on three PostgreSQL servers:
                what is refused, npm run promote, and its report; takes one to two minutes
  --wallets N   number of wallets (with --promote: in production), 20 to 1000000 (default 2000)
  --keep        leave the servers and the stacks there, and say how to look at them and end them
  --help        show this text
`;

/** Below 20 not every kind of wallet is there. */
const [fewest, most] = [20, 1_000_000];

async function main(): Promise<number> {
  const { values } = optionsFor("npm run demo", () =>
    parseArgs({
      options: {
        promote: { type: "boolean", default: false },
        wallets: { type: "string", default: "2000" },
        keep: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }),
  );
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const wallets = Number(values.wallets);
  if (!Number.isInteger(wallets) || wallets < fewest || wallets > most) {
    throw new RangeError(`--wallets takes a whole number from ${fewest} to ${most}`);
  }
  // The first to be registered is the last to be run: by then it is true.
  const interrupted = {};
  cleanUpAtExit(interrupted, () => process.stdout.write("\nInterrupted. PostgreSQL is stopped, all is deleted.\n"));
  try {
    const demo = values.promote ? promotion : singleDatabase;
    return (await demo(new Screen(), { wallets, keep: values.keep })) ? 0 : 1;
  } finally {
    forget(interrupted);
  }
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
    // Not only the exit code: an open connection to the database would keep this process, and with it the server, alive.
    process.exit(1);
  },
);
