import { formatNumber, plural } from "../components/format";
import { type StateCounts, states } from "../components/key-transfer/states";
import type { Survey } from "../components/key-transfer/survey";
import { stateWords } from "../components/receipt/state-words";
import type { Change } from "./events";

/** `12 stored, 3 pending`; states without wallets are left out. */
export function formatStates(counts: StateCounts): string {
  const parts = states
    .filter((state) => counts[state] > 0)
    .map((state) => `${formatNumber(counts[state])} ${stateWords[state].afterCount}`);
  return parts.length > 0 ? parts.join(", ") : "no wallets";
}

/** Types that only group resources. */
const groups = ["pulumi:pulumi:Stack", "wallet-vault:WalletVault", "wallet-vault:MonitoringAccess"];

/** Every other change is a step of the plan. A provider comes with its first resource; a new connection is worth a word. */
const isStep = ({ op, type }: Change): boolean =>
  !groups.includes(type) && !(op === "create" && type.startsWith("pulumi:providers:"));

const nameOf = ({ type, name }: Change): string => (type.startsWith("pulumi:providers:") ? "connection" : name);

/** `40 wallets: 14 stored, 26 pending. 26 keys to move. create constraint, update transfer.` */
export function formatPlan(survey: Survey | undefined, changes: readonly Change[]): string {
  const steps = changes.filter(isStep).map((change) => `${change.op} ${nameOf(change)}`);
  const resources = steps.length > 0 ? ` Steps: ${steps.join(", ")}.` : "";
  if (survey === undefined) return resources.trim();
  const { credentials, states: counts, flagsWrong } = survey;
  const flags = flagsWrong > 0 ? `, ${plural(flagsWrong, "flag")} to put right` : "";
  return `${plural(credentials, "wallet")}: ${formatStates(counts)}. ${plural(counts.pending, "key")} to move${flags}.${resources}`;
}

/** `0.4 s`, `12 s`, `3 min 20 s` */
export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
