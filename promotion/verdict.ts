import { formatNumber, plural } from "../components/format";
import { identityAttention } from "../components/key-identity/findings";
import type { Summary } from "../components/key-transfer/summary";
import { acceptCommand } from "../components/receipt/accepted-attention";
import { whyNotProven } from "../components/receipt/is-proven";
import { formatStates } from "./format";
import type { StackOutputs } from "./stack-outputs";

/**
 * Judges the outputs of an update by the rule of the next stage's gate.
 *
 * @returns why they are no proof, and what to do; undefined if they are one
 */
export function whyNoProof({ status, summary, receipt }: StackOutputs, stack: string): string | undefined {
  const outputs = status === undefined || summary === undefined ? undefined : { status, summary };
  const fault = whyNotProven({ receipt, ...(outputs && { outputs }) });
  if (fault?.kind === "unfinished")
    return `The last update of ${stack} has not ended, or it failed. Promote again: it goes on where it ended.`;
  if (outputs === undefined || fault?.kind === "missing")
    return `${stack} has no status, summary or receipt. Is its program this one?`;
  const { states: now, flagsWrong } = outputs.summary;
  switch (fault?.kind) {
    case undefined:
      return undefined;
    case "noWallets":
      return `There are no wallets, which proves nothing. Does databaseUrl of ${stack} name the right database?`;
    case "incomplete": {
      const what =
        now.pending > 0
          ? `Keys are still pending: ${formatStates(now)}. `
          : flagsWrong > 0
            ? `${plural(flagsWrong, "flag")} could not be put right: ${formatStates(now)}. `
            : `${receipt?.reason} `;
      return `${what}Promote again: it goes on where it ended. What the database refused is in the output attention.`;
    }
    case "attention":
      return (
        `All keys that can be moved are moved, but some wallets need a person: ${formatStates(now)}${findings(outputs.summary)}. ` +
        "Deal with those in the output attention, or accept them after a look: " +
        `${acceptCommand(outputs.summary, stack)}. Then promote again.`
      );
    default:
      return `The outputs of ${stack} prove nothing: ${fault?.why}. Do not go on; report this.`;
  }
}

/** `; 2 stored with the finding mismatch`: what proofs of identity found, where they were made. */
function findings({ identity }: Summary): string {
  return identityAttention
    .filter((finding) => (identity?.[finding] ?? 0) > 0)
    .map((finding) => `; ${formatNumber(identity?.[finding] ?? 0)} stored with the finding ${finding}`)
    .join("");
}
