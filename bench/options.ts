import { parseArgs } from "node:util";
import { type Major, majors } from "../tools/postgres-server";

export const parts = ["transfer", "wait", "noop", "growth", "memory", "seed-shape"] as const;
export type Part = (typeof parts)[number];

export interface Options {
  readonly wallets: number;
  readonly major: Major;
  readonly only: readonly Part[];
  /** Runs of what is cheap (noop) or asked for; an odd number, of which the median counts. */
  readonly runs: number;
  /** Whether docs/benchmarks.md is written. */
  readonly write: boolean;
}

export const usage = `npm run bench -- [--wallets 1000000] [--major 18] [--only ${parts.join(",")}] [--runs 3] [--write]`;

/** @throws Error in words for the person who typed them */
export function optionsFrom(args: readonly string[]): Options {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { wallets: text, major: text, only: text, runs: text, write: { type: "boolean", default: false } },
  });
  const wallets = Number(values.wallets ?? 1_000_000);
  const major = Number(values.major ?? 18);
  const only = (values.only ?? parts.join(",")).split(",");
  const runs = Number(values.runs ?? 3);
  const bad =
    (!(Number.isInteger(wallets) && wallets >= 1_000) && "--wallets must be a whole number from 1000") ||
    (!(majors as readonly number[]).includes(major) && `--major must be one of ${majors.join(", ")}`) ||
    (only.some((part) => !(parts as readonly string[]).includes(part)) && `--only takes ${parts.join(", ")}`) ||
    (!(Number.isInteger(runs) && runs % 2 === 1) && "--runs must be an odd number");
  if (bad) throw new Error(`${bad}.\n${usage}`);
  return { wallets, major: major as Major, only: only as Part[], runs, write: values.write };
}
