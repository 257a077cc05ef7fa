import { formatNumber, plural } from "../components/format";
import type { Summary } from "../components/key-transfer/summary";
import type { Survey } from "../components/key-transfer/survey";
import type { Change } from "../promotion/events";
import type { Screen } from "./screen";

const signs: Readonly<Record<string, string>> = { create: "+", update: "~", delete: "-", replace: "±", same: "=" };
const past: Readonly<Record<string, string>> = { create: "created", update: "updated", same: "as it was" };

/** One line for a resource of ours; undefined for those that only hold others together. */
export function resourceLine(screen: Screen, change: Change, when: "planned" | "done"): string | undefined {
  const { op, name } = change;
  const type = change.type.slice(change.type.lastIndexOf(":") + 1);
  if (["Stack", "WalletVault", "nodejs"].includes(type)) return undefined;
  const sign = screen.paint(op === "same" ? "dim" : "green", signs[op] ?? op);
  const word = when === "planned" ? `to ${op}` : (past[op] ?? op);
  return `${sign} ${name.padEnd(25)} ${type.padEnd(17)} ${word}`;
}

/** What a preview says of the keys. */
export function planLine({ states, flagsWrong }: Survey): string {
  return `${plural(states.pending, "key")} to move, ${plural(flagsWrong, "flag")} to put right`;
}

/** What the last run did. */
export function runLines({ lastRun, verified }: Summary): string[] {
  const repaired = lastRun.repaired > 0 ? `, ${formatNumber(lastRun.repaired)} of them over an empty vault row` : "";
  const seconds = (lastRun.durationMs / 1000).toFixed(1);
  return [
    `${plural(lastRun.transferred, "key")} moved in ${seconds} s${repaired}`,
    `${plural(verified, "wallet")} read back, vault and source compared byte for byte`,
  ];
}
