import { writeFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { formatNumber, plural } from "../format";
import type { TransferOutputs } from "../key-transfer/args";
import type { Survey } from "../key-transfer/survey";
import { attentionCounts } from "../key-transfer/summary";
import { lastLineVariable } from "./last-line-variable";
import { writeMetrics } from "./metrics-file";

type Proof = Pick<TransferOutputs, "status" | "summary" | "receipt">;

/** Characters of a reason that are told; the whole of it is in the receipt. */
const longestReason = 300;

/**
 * What an update came to, in one line for somebody in a hurry.
 *
 * @param ran whether the transfer ran in this update
 * @param next the command that says more
 */
export function lastLine({ status, summary, receipt }: Proof, ran: boolean, next: string): string {
  const { states, credentials, verified, lastRun } = summary;
  const open = attentionCounts(summary).filter(([, wallets]) => wallets > 0);
  const people = open.reduce((sum, [, wallets]) => sum + wallets, 0);
  const done = ran
    ? [`${plural(lastRun.transferred, "key")} moved`, `${formatNumber(verified)} compared`]
    : ["Nothing to do", `${formatNumber(states.stored)} of ${plural(credentials, "wallet")} stored`];
  const accepted = receipt.attentionAccepted === true ? " (accepted)" : "";
  if (people > 0)
    done.push(
      `${formatNumber(people)} need a person${accepted}: ${open.map(([name, wallets]) => `${formatNumber(wallets)} ${name}`).join(", ")}`,
    );
  const reason = receipt.reason?.slice(0, longestReason).replace(/\.?\s*$/, "");
  return [
    `${done.join(", ")}.`,
    ...(status === "incomplete" ? [`Incomplete: ${reason}.`] : []),
    ...(status === "complete" || accepted !== "" ? [] : [`Next: ${next}`]),
  ].join(" ");
}

/**
 * Prints that line when the outputs are known: as the last one of the program, and into the file that `npm run pulumi` names.
 *
 * @param since when this update began, in milliseconds: an older receipt means that the transfer did not run. A younger one may be
 *   that of `--refresh`
 */
export function printLastLine(
  outputs: { readonly [K in keyof Proof]: pulumi.Output<Proof[K]> },
  since: number,
  before: Survey,
  resource: pulumi.Resource,
): void {
  if (pulumi.runtime.isDryRun()) return;
  const { status, summary, receipt } = outputs;
  pulumi.output({ status, summary, receipt }).apply(async (proof) => {
    // The transfer is not in the stack, or the last update did not end.
    if (proof.summary === undefined || proof.receipt.unfinished === true) return;
    const next = `npm run pulumi -- stack output readme --stack ${pulumi.getStack()}`;
    const ran = Date.parse(proof.receipt.at) >= since && before.states.pending + before.flagsWrong > 0;
    const line = lastLine(proof as Proof, ran, next);
    leave(line);
    writeMetrics(proof as Proof, (problem) => void pulumi.log.warn(problem, resource));
    await pulumi.log.info(line, resource);
  });
}

function leave(line: string): void {
  const file = process.env[lastLineVariable];
  if (!file) return;
  try {
    writeFileSync(file, `${line}\n`, { mode: 0o600 });
  } catch {
    // It stands among the CLI's own messages as well.
  }
}
