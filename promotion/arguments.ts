import { parseArgs } from "node:util";
import { problemOf } from "../launcher/options";

export interface Options {
  /** Names of stacks, and patterns (`prod-*`); those of one wave run side by side. None with `onlyFailed`. */
  readonly waves: readonly (readonly string[])[];
  /** Stacks of one wave that run at the same time, 1 to 16; as the machine allows if it is not said. */
  readonly parallel?: number;
  /** True: the first stack of a wave runs alone. */
  readonly canary: boolean;
  /** So many stacks of a wave may fail before no other one begins. */
  readonly maxFailures: number;
  /** The result of an earlier run, of which those stacks are promoted that did not get through. */
  readonly onlyFailed?: string;
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

export const stackName = /^[\w.][\w.-]*(\/[\w.-]+){0,2}$/;

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
  const { parallel, report, summary, "max-failures": maxFailures = "0", "only-failed": onlyFailed } = values;
  if (onlyFailed === undefined && names.length === 0) throw new UsageError("No stage is named.");
  if (onlyFailed !== undefined && names.length > 0)
    throw new UsageError("--only-failed takes the stages from its file: name none besides.");
  for (const name of names) {
    if (!stackName.test(name.replaceAll("*", "x")))
      throw new UsageError(`${JSON.stringify(name)} is not a stack's name.`);
    if (names.indexOf(name) !== names.lastIndexOf(name)) throw new UsageError(`${name} is named twice.`);
  }
  if (parallel !== undefined && !(isWhole(parallel) && Number(parallel) >= 1 && Number(parallel) <= 16))
    throw new UsageError("--parallel takes a whole number from 1 to 16.");
  if (!isWhole(maxFailures)) throw new UsageError("--max-failures takes a whole number from 0.");
  return {
    waves,
    ...(parallel !== undefined && { parallel: Number(parallel) }),
    canary: values.canary === true,
    maxFailures: Number(maxFailures),
    ...(onlyFailed !== undefined && { onlyFailed }),
    yes: values.yes === true,
    previewOnly: values["preview-only"] === true,
    json: values.json === true,
    ...(report !== undefined && { report }),
    ...(summary !== undefined && { summary }),
  };
}

const isWhole = (text: string): boolean => /^\d{1,6}$/.test(text);

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        parallel: { type: "string" },
        canary: { type: "boolean" },
        "max-failures": { type: "string" },
        "only-failed": { type: "string" },
        yes: { type: "boolean", short: "y" },
        "preview-only": { type: "boolean" },
        json: { type: "boolean" },
        report: { type: "string" },
        summary: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    });
  } catch (error) {
    throw new UsageError(problemOf(error));
  }
}
