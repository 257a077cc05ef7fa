import type { TransferOutputs } from "../key-transfer/args";
import { outputsOf } from "../key-transfer/outputs";
import type { ReadBack } from "../key-transfer/read-back";
import { nothingLost } from "../key-transfer/summary";
import type { KeyIdentityInputs } from "./args";

/** The outputs of the whole step after a run of the proof. */
export function outputsAfterProof(
  inputs: KeyIdentityInputs,
  { found, why }: { readonly found: ReadBack; readonly why?: string | undefined },
): TransferOutputs {
  const { transfer, survey } = inputs;
  const incomplete = transfer.reason === "" ? undefined : `The transfer: ${transfer.reason}`;
  const causes = {
    refusals: [],
    before: transfer.attention,
    incomplete,
    ...(why === undefined ? {} : { whyOpen: why }),
  };
  const lost = { ...nothingLost, wallets: Math.max(0, survey.credentials - found.counts.credentials) };
  return outputsOf(inputs, found, causes, lost, transfer.lastRun);
}
