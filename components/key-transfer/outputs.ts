import { isAccepted } from "../receipt/accepted-attention";
import type { TransferResult } from "./apply";
import type { KeyTransferInputs, TransferOutputs } from "./args";
import { attentionOf, type Causes } from "./attention";
import type { ReadBack } from "./read-back";
import { type LastRun, type Lost, lostBetween, reasonOf, refusalReason, statusOf, summaryOf } from "./summary";

export function outputsAfterRun(inputs: KeyTransferInputs, result: TransferResult): TransferOutputs {
  const { found, lastRun } = result;
  return outputsOf(inputs, found, result, lostBetween(inputs.survey, found.counts, lastRun), lastRun);
}

export function outputsOf(
  inputs: KeyTransferInputs,
  found: ReadBack,
  causes: Causes,
  lost: Lost,
  lastRun: LastRun,
): TransferOutputs {
  const { counts } = found;
  const { revision, acceptAttention = [] } = inputs;
  const status = causes.incomplete === undefined ? statusOf(counts, lost) : "incomplete";
  const { credentials, verified } = counts;
  const accepted =
    acceptAttention.length === 0
      ? {}
      : { accepted: acceptAttention, attentionAccepted: isAccepted(counts, acceptAttention) };
  const reason = status === "incomplete" ? { reason: reasonOf(counts, lost, sentences(causes)) } : {};
  return {
    status,
    summary: summaryOf(counts, lastRun),
    attention: attentionOf(found, causes),
    receipt: { revision, status, credentials, verified, at: new Date().toISOString(), ...accepted, ...reason },
  };
}

function sentences({ refusals, whyOpen, incomplete }: Causes): string[] {
  const refused = [...new Set(refusals.map(refusalReason))].map((reason) => `Left undone: ${reason}.`);
  return [...refused, ...[incomplete, whyOpen].filter((why) => why !== undefined)];
}
