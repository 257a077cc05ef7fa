import { parseArgs } from "node:util";

export interface Options {
  /** Names of stacks; those of one wave run side by side. */
  readonly waves: readonly (readonly string[])[];
  /** Stacks of one wave that run at the same time, 1 to 16. */
  readonly parallel: number;
  /** True: nobody is asked. */
  readonly yes: boolean;
  /** True: nothing is updated. */
  readonly previewOnly: boolean;
  /** True: standard output is the result, as one JSON text, and nothing else. */
  readonly json: boolean;
  /** Where the HTML report goes. */
  readonly report?: string;
  /** Where the Markdown report goes; GITHUB_STEP_SUMMARY gets it in any case. */
  readonly summary?: string;
}

/** Arguments that make no sense; its message says why. */
export class UsageError extends Error {}

/**
 * @returns "help" where that is asked for
 * @throws UsageError
 */
export function optionsOf(args: readonly string[]): Options | "help" {
  const { values, positionals } = parsed(args);
  if (values.help === true) return "help";
  const waves = positionals.map((wave) => wave.split(",").map((name) => name.trim()));
  const names = waves.flat();
  if (names.length === 0) throw new UsageError("No stage is named.");
  for (const name of names) {
    if (!/^[\w.-]+(\/[\w.-]+){0,2}$/.test(name)) throw new UsageError(`${JSON.stringify(name)} is not a stack's name.`);
    if (names.indexOf(name) !== names.lastIndexOf(name)) throw new UsageError(`${name} is named twice.`);
  }
  const parallel = Number(values.parallel ?? "2");
  if (!Number.isInteger(parallel) || parallel < 1 || parallel > 16)
    throw new UsageError("--parallel takes a whole number from 1 to 16.");
  return {
    waves,
    parallel,
    yes: values.yes === true,
    previewOnly: values["preview-only"] === true,
    json: values.json === true,
    ...(values.report === undefined ? {} : { report: values.report }),
    ...(values.summary === undefined ? {} : { summary: values.summary }),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        parallel: { type: "string" },
        yes: { type: "boolean", short: "y" },
        "preview-only": { type: "boolean" },
        json: { type: "boolean" },
        report: { type: "string" },
        summary: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : "The arguments cannot be read.");
  }
}

export const help = `Takes the same revision of this program through your stacks, one after the other, and starts none before the
one before it is proven.

  npm run promote -- <stage> [<stage>…] [options]
  npm run promote -- dev staging prod-eu,prod-us

A stage is a stack of yours, with its Pulumi.<stack>.yaml; none is ever made here. Stages joined by a comma are one
wave: they run side by side, and the next wave waits for all of them.

What happens to each: preview; no if the transfer or the constraint would be deleted or replaced; the plan in numbers;
your yes; update; its status must be complete, or its attention accepted (acceptAttention), and its states must add up
to its wallets; a second preview must show no change. Then the next.

  --yes, -y          do not ask; without a terminal this is the only way to say yes
  --preview-only     show what each stage would do, and change nothing
  --parallel <n>     stages of one wave that run at the same time, 1 to 16 (2)
  --json             print the result as JSON on standard output; progress goes to standard error
  --report <file>    write a report as one HTML file
  --summary <file>   write the same as Markdown (GITHUB_STEP_SUMMARY gets it by itself)
  --help, -h         this text

Exit code: 0 all got through, 1 a stage failed, 2 a gate refused, 3 a person declined.
Ctrl-C lets the running update end in good order and starts no further stage; run the same command again to go on.
`;
