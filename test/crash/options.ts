import { parseArgs } from "node:util";
import { optionsFor } from "../../launcher/options";
import { type Major, majors } from "../../testing/postgres-server";

export interface Options {
  /** Random kills in all, spread over the majors. */
  readonly kills: number;
  readonly majors: readonly Major[];
  /** Decides the random instants and kinds; printed, so that a run can be repeated as far as time can. */
  readonly seed: number;
  /** Wallets in a database. */
  readonly wallets: number;
  /** Rounds over all kinds and steps. */
  readonly rounds: number;
  /** Kills under the real CLI, per major and kind. */
  readonly cli: number;
  /** Whether users' triggers and rewriting migrations are drawn for half of the databases that are killed at random. */
  readonly hostile: boolean;
  /** Only steps and kinds whose name contains this text. */
  readonly only: string;
  /** Whether docs/crash-matrix.md is written. */
  readonly write: boolean;
}

const help = `npm run test:crash -- [options]

Kills transfers at every step and at random instants, on servers of its own; takes ten minutes. After each kill a checker
written in SQL decides whether a key was lost. Exit code 1 if one of them did not end well; see docs/crash-matrix.md.

  --kills N      random kills in all, spread over the majors; default: 200
  --majors LIST  some of ${majors.join(",")}; default: all
  --rounds N     rounds over all kinds and steps; default: 1
  --cli N        kills under the real CLI, per major and kind; default: 1
  --hostile      with triggers and rewriting migrations, drawn at random, on half of the databases killed at random
  --only TEXT    only steps and kinds whose name contains it
  --wallets N    wallets in a database; default: 3000
  --seed N       decides the random instants and kinds; printed, so that a run can be repeated as far as time can
  --write        write docs/crash-matrix.md`;

/**
 * @returns the text for `--help` where it is asked for
 * @throws Error in words for the person who typed them
 */
export function optionsFrom(args: readonly string[]): Options | string {
  const text = { type: "string" } as const;
  const names = { kills: text, majors: text, seed: text, wallets: text, rounds: text, cli: text, only: text };
  const flag = { type: "boolean", default: false } as const;
  const { values } = optionsFor("npm run test:crash", () =>
    parseArgs({ args: [...args], options: { ...names, hostile: flag, write: flag, help: flag } }),
  );
  if (values.help) return help;
  const number = (name: Exclude<keyof typeof names, "only">, initial: number): number => {
    const value = Number(values[name] ?? initial);
    if (Number.isInteger(value) && value >= 0) return value;
    throw new Error(`--${name} must be a whole number.\n\n${help}`);
  };
  const wanted = (values.majors ?? majors.join(",")).split(",").map(Number);
  const unknown = wanted.find((major) => !(majors as readonly number[]).includes(major));
  if (unknown !== undefined) throw new Error(`--majors takes ${majors.join(", ")}.\n\n${help}`);
  return {
    kills: number("kills", 200),
    majors: wanted as Major[],
    seed: number("seed", Date.now() % 1_000_000),
    wallets: number("wallets", 3_000),
    rounds: number("rounds", 1),
    cli: number("cli", 1),
    hostile: values.hostile,
    only: values.only ?? "",
    write: values.write,
  };
}
