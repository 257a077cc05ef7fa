import type { Matrix } from "./matrix";
import { placeOfNotes, writeDocument } from "../../testing/document";
import type { Options } from "./options";
import { formatted } from "../../testing/text-table";

/** Writes docs/crash-matrix.md from what was found, and returns its name. */
export function writeReport(options: Options, matrix: Matrix): Promise<string> {
  const { runs, ok } = matrix.total;
  const faults = matrix.faults.map((fault) => `- ${fault}`).join("\n");
  return writeDocument(
    "docs/crash-matrix.md",
    text
      .replace("INSTANTS", () => instantsOf(options))
      .replace("MAJORS", () => options.majors.join(", "))
      .replace("NOTES", () => placeOfNotes)
      .replace("TOTAL", () => `${ok} of ${runs} kills ended well`)
      .replace("OPTIONS", () => commandFor(options))
      .replace("TABLE", () => formatted(matrix.table()))
      .replace("FAULTS", () => (faults === "" ? "" : `\nFaults:\n\n${faults}\n`)),
  );
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

const text = `# What happens when something dies

Everything that can be killed is killed, INSTANTS, on PostgreSQL MAJORS. Afterwards an independent checker decides: [\`checker.sql\`](../test/crash/checker.sql), which is SQL, shares no code with the program, and
knows what every wallet must hold because the fixture and the writing applications wrote it down
([\`ledger.sql\`](../test/crash/ledger.sql)). **TOTAL.** This page was written by

    OPTIONS

A cell is: kills after which all was well, of all kills.

TABLE
FAULTS
## Notes

Written by hand, and kept when this page is written anew: each says which run it speaks of.

NOTES

## What counts as well

After every kill, before anything else happens:

- every wallet is there, with the metadata that the application wrote last
- the vault holds nothing that never was a key of its wallet, and never two rows for one wallet
- every key that was in the vault before is there, unchanged
- no flag was set that claims a key which is not there; a key came with its flag and its date, or not at all
- no view can be read by a role that should not, also where default privileges hand new views to everybody
- a run that lived on and failed said so in words meant for a person, with no key in them

Then one more \`up\`, undisturbed, and in addition:

- its status and its counts are what the checker counts; every wallet is where the fixture says it must end
- no key is pending, no flag is wrong or missing, and every row of the monitoring view tells the same
- the constraint is one valid unique constraint; no INVALID index is left, no half view, no session, no prepared transaction
- under the CLI: the status is \`complete\`, and yet another \`up --expect-no-changes\` finds nothing to do

## The kills

| kill | what dies | what a person does |
| --- | --- | --- |
| kill -9 of the provider | the process that runs the resources' operations | \`up\` |
| pg_terminate_backend | all our sessions; the process notices | nothing, or \`up\` where it failed: batches come back by themselves |
| immediate stop and restart | the server, without a checkpoint; recovery from the WAL | the same |
| kill -9 of the server | every process of the server at once | the same |
| CLI: kill -9 of all its processes | CLI, language host and providers, as when the machine of a CI job goes away | \`pulumi cancel\`, \`up\` |
| CLI: kill -9 of the CLI alone | the CLI; what it started goes on for a moment, beside the next \`up\` | \`pulumi cancel\`, \`up\` |
| CLI: kill -9 of the provider | the provider under a living CLI, which fails the update | \`up\` |

A backend of files cannot tell a dead CLI from a slow one: the next \`up\` refuses until \`pulumi cancel\`, and says so. Nothing
needs the state to be edited.

The first four run the operations of the program in its order (constraint, views, transfer) in a process of their own, which
is what makes hundreds of kills possible; the last three run the real CLI. A step is not hit by luck: other sessions stand in
the way of the run until it is there (an open transaction before the index scan, a reader before the attach, somebody else's
view of the same name, somebody else's row with the same vault id) and go when the kill has come, so that a session whose
client is dead may still find its way free and go on. Only a read-back under way cannot be held: it is struck as soon as it is
let go, and where it was faster, all is done again. At a random instant, one to three kills hit the same database one after
the other. In half of the runs applications insert, re-key, update and delete wallets all the while; with \`--hostile\`, half
of the databases have triggers instead that a random draw put on the two tables, and migrations that rewrite them.
\`npm test\` kills once at every step, on the oldest and the newest PostgreSQL.
`;
