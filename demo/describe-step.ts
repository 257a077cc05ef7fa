import { formatNumber, plural } from "../components/format";
import type { Summary } from "../components/key-transfer/summary";
import type { Survey } from "../components/key-transfer/survey";
import type { ResourceStep } from "../testing/engine-events";
import type { Screen } from "./screen";

const signs: Readonly<Record<string, string>> = { create: "+", update: "~", delete: "-", replace: "±", same: "=" };
const past: Readonly<Record<string, string>> = { create: "created", update: "updated", same: "as it was" };

/** One line for a resource of ours; undefined for those that only hold others together. */
export function resourceLine(screen: Screen, step: ResourceStep, when: "planned" | "done"): string | undefined {
  if (["Stack", "WalletVault", "nodejs"].includes(step.type)) return undefined;
  const sign = screen.paint(step.op === "same" ? "dim" : "green", signs[step.op] ?? step.op);
  const word = when === "planned" ? `to ${step.op}` : (past[step.op] ?? step.op);
  return `${sign} ${step.name.padEnd(25)} ${step.type.padEnd(17)} ${word}`;
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
