import type { Matrix } from "./matrix";
import { writeDocument } from "../../testing/document";
import type { Options } from "./options";
import { formatted } from "../../testing/text-table";

/** Writes what was found into docs/crash-matrix.md, and returns its name. */
export function writeReport(options: Options, matrix: Matrix): Promise<string> {
  const { runs, ok } = matrix.total;
  const killed = `Everything that can be killed is killed, ${instantsOf(options)}, on PostgreSQL ${options.majors.join(", ")}.
**${ok} of ${runs} kills ended well**, in`;
  const faults = matrix.faults.length === 0 ? [] : ["Faults:", matrix.faults.map((fault) => `- ${fault}`).join("\n")];
  const parts = [killed, `    ${commandFor(options)}`, formatted(matrix.table()), ...faults];
  return writeDocument("docs/crash-matrix.md", parts.join("\n\n"));
}

/** What was run, and nothing else. */
function instantsOf({ kills, rounds, cli, only }: Options): string {
  const named = only === "" ? "" : ` that has "${only}" in its name`;
  const instants = [
    rounds > 0 ? `at every step${named}` : "",
    kills > 0 ? "at random instants" : "",
    cli > 0 ? "at a few steps under the real CLI" : "",
  ];
  return instants.filter((one) => one !== "").join(", ");
}

const commandFor = ({ kills, majors, seed, wallets, rounds, cli, hostile }: Options): string =>
  `npm run test:crash -- --kills ${kills} --majors ${majors.join(",")} --seed ${seed} --wallets ${wallets} --rounds ${rounds} --cli ${cli}${hostile ? " --hostile" : ""} --write`;
