import { attentionStates, states } from "../components/key-transfer/wallets";
import type { Outputs } from "./stack";
import { plural, standing } from "./words";

/**
 * Judges what an update left behind.
 *
 * @returns why it is no proof, and what to do; undefined if it is one
 */
export function whyNoProof({ status, summary, receipt }: Outputs, stack: string): string | undefined {
  if (receipt?.unfinished === true)
    return `The last update of ${stack} has not ended, or it failed. Promote again: it goes on where it ended.`;
  if (status === undefined || summary === undefined || receipt === undefined)
    return `${stack} has no status, summary or receipt. Is its program this one?`;
  const sum = states.reduce((total, state) => total + summary.states[state], 0);
  if (sum !== summary.credentials)
    return `The states add up to ${sum}, but there are ${summary.credentials} wallets. Do not go on; report this.`;
  if (status !== "incomplete" && summary.credentials === 0)
    return `There are no wallets, which proves nothing. Does databaseUrl of ${stack} name the right database?`;
  if (status === "complete" || (status === "attention" && receipt.attentionAccepted === true)) return undefined;
  if (status === "incomplete") {
    const { states: now, flagsWrong } = summary;
    const what =
      now.pending > 0
        ? `Keys are still pending: ${standing(now)}. `
        : flagsWrong > 0
          ? `${plural(flagsWrong, "flag")} could not be put right: ${standing(now)}. `
          : "";
    const why = receipt.reason === undefined ? "" : `${receipt.reason} `;
    return `${what || why}Promote again: it goes on where it ended. What the database refused is in the output attention.`;
  }
  const needed = attentionStates.filter((state) => summary.states[state] > 0);
  const accepted = JSON.stringify(needed.map((state) => `${state}:${summary.states[state]}`));
  return (
    `All keys that can be moved are moved, but some wallets need a person: ${standing(summary.states)}. Deal with ` +
    "those in the output attention, or accept them after a look: " +
    `npm run pulumi -- config set acceptAttention '${accepted}' --stack ${stack}. Then promote again.`
  );
}
