import { formatNumber, plural } from "../components/format";
import { attentionStates, states as stateNames } from "../components/key-transfer/states";
import { stateWords } from "../components/receipt/state-words";
import type { WalletSystem } from "./database";
import type { Screen } from "./screen";
import type { States } from "./states";

/** Ids shown for each state that needs a person. */
const shownIds = 2;

export function showStates(screen: Screen, before: States, after: States): void {
  screen.line(screen.paint("dim", `${"state".padEnd(17)}${"before".padStart(8)}${"after".padStart(9)}`));
  for (const state of stateNames) {
    const numbers = `${formatNumber(before[state]).padStart(8)}${formatNumber(after[state]).padStart(9)}`;
    const row = `${state.padEnd(17)}${numbers}`;
    const changed = before[state] !== after[state];
    screen.line(
      `${changed ? screen.paint("bold", row) : row}   ${screen.paint("dim", stateWords[state].shortMeaning)}`,
    );
  }
  const total = (of: States) => formatNumber(stateNames.reduce((sum, state) => sum + of[state], 0));
  screen.line(screen.paint("dim", `${"wallets".padEnd(17)}${total(before).padStart(8)}${total(after).padStart(9)}`));
}

/** The wallets that need a person: how many, what to do, and the first ids. */
export async function showAttention(screen: Screen, after: States, system: WalletSystem): Promise<void> {
  const waiting = attentionStates.filter((state) => after[state] > 0);
  const wallets = waiting.reduce((sum, state) => sum + after[state], 0);
  screen.title(`What needs a person: ${plural(wallets, "wallet")}, untouched`);
  for (const state of waiting) {
    screen.line(
      `${screen.paint("yellow", state.padEnd(17))}${formatNumber(after[state]).padStart(7)}  ${stateWords[state].shortAdvice}`,
    );
    for (const id of await system.some(state, shownIds)) screen.line(screen.paint("dim", `${" ".repeat(26)}${id}`));
  }
}
