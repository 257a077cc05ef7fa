import { parseArgs } from "node:util";
import { type Major, majors } from "../../tools/postgres-server";

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
  /** Only steps and kinds whose name contains this text. */
  readonly only: string;
  /** Whether docs/crash-matrix.md is written. */
  readonly write: boolean;
}

export const usage =
  "npm run test:crash -- [--kills 200] [--majors 14,15,16,17,18] [--seed N] [--wallets 3000] [--rounds 1] [--cli 1] [--only text] [--write]";

/** @throws Error in words for the person who typed them */
export function optionsFrom(args: readonly string[]): Options {
  const text = { type: "string" } as const;
  const names = { kills: text, majors: text, seed: text, wallets: text, rounds: text, cli: text, only: text };
  const { values } = parseArgs({ args: [...args], options: { ...names, write: { type: "boolean", default: false } } });
  const number = (name: Exclude<keyof typeof names, "only">, initial: number): number => {
    const value = Number(values[name] ?? initial);
    if (Number.isInteger(value) && value >= 0) return value;
    throw new Error(`--${name} must be a whole number.\n${usage}`);
  };
  const wanted = (values.majors ?? majors.join(",")).split(",").map(Number);
  const unknown = wanted.find((major) => !(majors as readonly number[]).includes(major));
  if (unknown !== undefined) throw new Error(`--majors takes ${majors.join(", ")}.\n${usage}`);
  return {
    kills: number("kills", 200),
    majors: wanted as Major[],
    seed: number("seed", Date.now() % 1_000_000),
    wallets: number("wallets", 3_000),
    rounds: number("rounds", 1),
    cli: number("cli", 1),
    only: values.only ?? "",
    write: values.write,
  };
}
