import { attentionStates, states as stateNames } from "../components/key-transfer/states";
import type { WalletSystem } from "./database";
import { counted, number, type Screen } from "./screen";
import type { States } from "./states";

/** Ids shown for each state that needs a person. */
const shownIds = 2;

const meaning: Readonly<Record<keyof States, string>> = {
  stored: "in the vault, and the flag says so",
  pending: "the key waits in metadata",
  conflict: "vault and metadata hold different keys",
  ambiguousSource: "metadata holds different keys",
  unreadableSource: "not a string where the key should be",
  missingKey: "no key anywhere",
};

const whatToDo: Readonly<Record<(typeof attentionStates)[number], string>> = {
  conflict: "find which one opens the address, remove the other",
  ambiguousSource: "find which one opens the address, remove the other",
  unreadableSource: "store the key in its metadata as a string",
  missingKey: "restore it from a backup, or make the wallet anew",
};

export function showStates(screen: Screen, before: States, after: States): void {
  screen.line(screen.paint("dim", `${"state".padEnd(17)}${"before".padStart(8)}${"after".padStart(9)}`));
  for (const state of stateNames) {
    const numbers = `${number(before[state]).padStart(8)}${number(after[state]).padStart(9)}`;
    const row = `${state.padEnd(17)}${numbers}`;
    const changed = before[state] !== after[state];
    screen.line(`${changed ? screen.paint("bold", row) : row}   ${screen.paint("dim", meaning[state])}`);
  }
  const total = (of: States) => number(stateNames.reduce((sum, state) => sum + of[state], 0));
  screen.line(screen.paint("dim", `${"wallets".padEnd(17)}${total(before).padStart(8)}${total(after).padStart(9)}`));
}

/** What only a person can decide: how many, what to do, and where to begin. */
export async function showAttention(screen: Screen, after: States, system: WalletSystem): Promise<void> {
  const waiting = attentionStates.filter((state) => after[state] > 0);
  const wallets = waiting.reduce((sum, state) => sum + after[state], 0);
  screen.title(`What needs a person: ${counted(wallets, "wallet")}, untouched`);
  for (const state of waiting) {
    screen.line(`${screen.paint("yellow", state.padEnd(17))}${number(after[state]).padStart(7)}  ${whatToDo[state]}`);
    for (const id of await system.some(state, shownIds)) screen.line(screen.paint("dim", `${" ".repeat(26)}${id}`));
  }
}
