import { parseArgs } from "node:util";
import { optionsFor } from "../launcher/options";
import { type Major, majors } from "../testing/postgres-server";

export const parts = ["transfer", "wait", "noop", "growth", "memory", "seed-shape", "fleet", "identity"] as const;
export type Part = (typeof parts)[number];

export interface Options {
  readonly wallets: number;
  readonly major: Major;
  readonly only: readonly Part[];
  /** Databases that one promotion goes through. */
  readonly stacks: number;
  /** How often each is measured, an odd number, of which the median counts. */
  readonly runs: number;
  /** Whether docs/benchmarks.md is written. */
  readonly write: boolean;
}

const help = `npm run bench -- [options]

Measures against plain.sql and a query written by hand, side by side in one run, on servers of its own; takes half an hour.
Nothing else should run meanwhile. Exit code 1 if a figure is not what it must be; see docs/benchmarks.md.

  --only PARTS   some of ${parts.join(",")}; default: all
  --wallets N    wallets to measure with, from 1000; default: 1000000
  --stacks N     databases of the part fleet, from 2; default: 100
  --major N      PostgreSQL ${majors.join(", ")}; default: 18
  --runs N       how often each is measured, an odd number: the median counts; default: 3
  --write        write docs/benchmarks.md`;

/**
 * @returns the text for `--help` where it is asked for
 * @throws Error in words for the person who typed them
 */
export function optionsFrom(args: readonly string[]): Options | string {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const { values } = optionsFor("npm run bench", () =>
    parseArgs({
      args: [...args],
      options: { wallets: text, stacks: text, major: text, only: text, runs: text, write: flag, help: flag },
    }),
  );
  if (values.help) return help;
  const wallets = Number(values.wallets ?? 1_000_000);
  const stacks = Number(values.stacks ?? 100);
  const major = Number(values.major ?? 18);
  const only = (values.only ?? parts.join(",")).split(",");
  const runs = Number(values.runs ?? 3);
  const bad =
    (!(Number.isInteger(wallets) && wallets >= 1_000) && "--wallets must be a whole number from 1000") ||
    (!(Number.isInteger(stacks) && stacks >= 2) && "--stacks must be a whole number from 2") ||
    (!(majors as readonly number[]).includes(major) && `--major must be one of ${majors.join(", ")}`) ||
    (only.some((part) => !(parts as readonly string[]).includes(part)) && `--only takes ${parts.join(", ")}`) ||
    (!(Number.isInteger(runs) && runs % 2 === 1) && "--runs must be an odd number");
  if (bad) throw new Error(`${bad}.\n\n${help}`);
  return { wallets, stacks, major: major as Major, only: only as Part[], runs, write: values.write };
}
