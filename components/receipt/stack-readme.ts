import * as pulumi from "@pulumi/pulumi";
import type { Finding } from "../exposure/finding";
import type { TransferOutputs } from "../key-transfer/args";
import { countedAs, withoutCount } from "../key-transfer/attention";
import { type Attention, openCounts, type Status, type Summary } from "../key-transfer/summary";
import { findingWords } from "../key-identity/finding-words";
import { identityAttention, identityFindings } from "../key-identity/findings";
import { type State, states } from "../key-transfer/states";
import { escapeReadmeCell } from "../markdown";
import type { Receipt } from "./receipt";
import { stateAdvice, stateWords } from "./state-words";

/**
 * The output `readme`, which Pulumi Cloud shows as the stack's page. It is made from other outputs only, so that it changes
 * only when they change.
 */
export function stackReadme(
  transfer: { readonly [K in keyof TransferOutputs]: pulumi.Output<TransferOutputs[K]> },
  exposure: pulumi.Output<readonly Finding[]>,
) {
  const { status, summary, attention, receipt } = transfer;
  return pulumi
    .output({ status, summary, attention, receipt, exposure })
    .apply(({ exposure: findings, ...outputs }) => readmeOf(outputs as TransferOutputs, findings));
}

/**
 * Markdown: the states of the wallets, and what to do. Ids and advice, never values.
 *
 * @param outputs undefined where the transfer is not in the stack: excluded, or destroyed by itself
 */
export function readmeOf(
  { status, summary, attention, receipt }: Partial<TransferOutputs>,
  exposure: readonly Finding[] = [],
): string {
  if (status === undefined || summary === undefined || receipt === undefined)
    return "# Wallet vault\n\nThe transfer is not in this stack. Run `pulumi up` without leaving it out.\n";
  const { credentials, verified, lastRun } = summary;
  const percent = credentials === 0 ? "" : ` (${Math.floor((100 * summary.states.stored) / credentials)} %)`;
  return [
    "# Wallet vault",
    "",
    headline(status, summary, receipt),
    "",
    `**${summary.states.stored} of ${credentials} wallets${percent} have their key in the vault**; ` +
      `${verified} of them were compared with their source, byte for byte.`,
    "",
    "| State | Wallets | Meaning |",
    "|---|---:|---|",
    ...states.map((state) => `| ${state} | ${summary.states[state]} | ${stateWords[state].meaning} |`),
    "",
    ...identityTable(summary),
    `Last run: ${lastRun.transferred} keys moved (${lastRun.repaired} of them over a placeholder), ` +
      `${lastRun.refused} refused, ${lastRun.flagsSet} flags set, ${lastRun.flagsCleared} cleared.`,
    "",
    ...whatToDo(attention ?? [], summary),
    ...whoCanRead(exposure),
    `Receipt: revision \`${receipt.revision.slice(0, 12)}\`, ${receipt.status}, ${receipt.at}.`,
    "",
  ].join("\n");
}

function headline(status: Status, { credentials, states: counts, flagsWrong }: Summary, receipt: Receipt): string {
  if (status === "complete" && credentials === 0)
    return "**There are no wallets**, which proves nothing to a next stage. Is it the right database?";
  if (status === "complete") return "Every key is in the vault. Nothing is to be done.";
  if (status === "incomplete") {
    const what =
      counts.pending > 0
        ? "Some keys are still pending."
        : flagsWrong > 0
          ? `${flagsWrong} flags could not be put right.`
          : (receipt.reason ?? "The last run was incomplete.");
    return `**${what}** Run \`pulumi up\` again: it goes on where the last run ended.`;
  }
  return receipt.attentionAccepted === true
    ? "Every key that can be moved is in the vault. The other wallets were looked at and accepted."
    : "Every key that can be moved is in the vault. **Some wallets need a person.**";
}

function identityTable({ identity }: Summary): string[] {
  if (identity === undefined) return [];
  return [
    "| Does the key open the wallet? | Wallets | Meaning |",
    "|---|---:|---|",
    ...identityFindings.map((found) => `| ${found} | ${identity[found]} | ${findingWords[found].meaning} |`),
    "",
  ];
}

function whatToDo(attention: readonly Attention[], { states: counts, credentials, identity }: Summary): string[] {
  if (attention.length === 0) return [];
  const open = states.filter((state) => state !== "stored" && counts[state] > 0);
  const left = openCounts({ states: counts, identity })
    .map(([name, wallets]) => [wallets - attention.filter((entry) => countedAs(entry) === name).length, name] as const)
    .filter(([count]) => count > 0);
  const mismatches = identity === undefined ? "" : ` or identity in ('${identityAttention.join("', '")}')`;
  return [
    "## What to do",
    "",
    ...open.map((state) => `- **${counts[state]} ${state}**: ${wordsOf(state)}`),
    ...(open.length > 0 ? ["", "After any of it, run `pulumi up` again.", ""] : []),
    "| Wallet | State | Advice |",
    "|---|---|---|",
    ...attention.map(({ credentialId, state, advice }) => {
      const own = withoutCount(advice);
      const cells = [credentialId, state, own === stateAdvice(state) ? "as above" : own];
      return `| ${cells.map(escapeReadmeCell).join(" | ")} |`;
    }),
    "",
    ...(left.length > 0
      ? [
          `Not in this list: ${left.map(([count, state]) => `${count} ${state}`).join(", ")}. The view \`wallet_status_monitoring\` has all ${credentials}:`,
          "",
          "```sql",
          `select migration_status, credential_id from wallet_status_monitoring where migration_status <> 'stored'${mismatches} order by 1, 2`,
          "```",
          "",
        ]
      : []),
  ];
}

const wordsOf = (state: State): string =>
  state === "pending"
    ? "The key waits in metadata. The list says why; remove the cause."
    : stateAdvice(state) || stateWords[state].meaning;

function whoCanRead(exposure: readonly Finding[]): string[] {
  if (exposure.length === 0) return [];
  return [
    "## Who can read keys, and where else they are",
    "",
    "| Kind | Where | Finding | Advice |",
    "|---|---|---|---|",
    ...exposure.map(
      ({ kind, object, detail, advice }) => `| ${[kind, object, detail, advice].map(escapeReadmeCell).join(" | ")} |`,
    ),
    "",
  ];
}
