import { formatNumber } from "../components/format";
import { attentionStates, states as stateNames } from "../components/key-transfer/states";
import { WalletSystem } from "./database";
import type { Screen } from "./screen";
import type { States } from "./states";

/** A stage of the promotion: a stack, and its wallet system on a server of its own. */
export interface Environment {
  readonly stack: string;
  /** The stack that must be proven first. */
  readonly from?: string;
  readonly wallets: number;
  readonly system: WalletSystem;
}

/** Dev is small, staging larger, production the whole. At least 20 wallets each: fewer do not hold every kind of wallet. */
const stages = [
  { stack: "dev", share: 1 / 20 },
  { stack: "staging", from: "dev", share: 1 / 4 },
  { stack: "prod", from: "staging", share: 1 },
] as const;

/** Starts the servers, one after the other, and loads them. */
export async function startEnvironments(wallets: number, starts: (stack: string) => void): Promise<Environment[]> {
  const environments: Environment[] = [];
  for (const { share, ...stage } of stages) {
    starts(stage.stack);
    const environment = {
      ...stage,
      wallets: Math.max(20, Math.round(wallets * share)),
      system: await WalletSystem.start(),
    };
    await environment.system.load(environment.wallets);
    environments.push(environment);
  }
  return environments;
}

/** The wallets that need a person, in the form of `acceptAttention`: `missingKey:12`. */
export function attentionOf(counts: States): string[] {
  return attentionStates.filter((state) => counts[state] > 0).map((state) => `${state}:${counts[state]}`);
}

/** A row for each environment. */
export function showEnvironments(
  screen: Screen,
  environments: readonly Environment[],
  counts: readonly States[],
): void {
  const head = ["wallets", "stored", "to move", "for a person"].map((name) => name.padStart(13)).join("");
  screen.line(screen.paint("dim", `${"".padEnd(9)}${head}   promotedFrom`));
  for (const [index, { stack, from = "", wallets }] of environments.entries()) {
    const { stored, pending, ...attention } = counts[index] as States;
    const waiting = Object.values(attention).reduce((sum, count) => sum + count, 0);
    const row = [wallets, stored, pending, waiting].map((count) => formatNumber(count).padStart(13)).join("");
    screen.line(`${stack.padEnd(9)}${row}   ${from}`.trimEnd());
  }
}

/** A column for each environment. */
export function showAllStates(screen: Screen, environments: readonly Environment[], counts: readonly States[]): void {
  const row = (name: string, cells: readonly (string | number)[]) => {
    const texts = cells.map((cell) => (typeof cell === "number" ? formatNumber(cell) : cell).padStart(12));
    return `${name.padEnd(17)}${texts.join("")}`;
  };
  const [stacks, wallets] = [environments.map(({ stack }) => stack), environments.map((each) => each.wallets)];
  screen.line(screen.paint("dim", row("state", stacks)));
  for (const state of stateNames) {
    const cells = counts.map((count) => count[state]);
    screen.line(row(state, cells));
  }
  screen.line(screen.paint("dim", row("wallets", wallets)));
}
