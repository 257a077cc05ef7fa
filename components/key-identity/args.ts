import type { BatchLimits } from "../batches/batch-run";
import type { TransferOutputs } from "../key-transfer/args";
import type { Attention, LastRun } from "../key-transfer/summary";
import type { Survey } from "../key-transfer/survey";
import type { Wallets } from "../key-transfer/wallets";

/** The proof as a program declares it. Nothing in it is secret. */
export interface KeyIdentityInputs extends Wallets, BatchLimits {
  /** `state:count` or `finding:count`; see KeyTransferInputs. */
  readonly acceptAttention?: readonly string[];
  /** See KeyTransferInputs. */
  readonly revision: string;
  /** The counts that the program read before it declared the proof, with those of the proofs. */
  readonly survey: Survey;
  /** What is known of the transfer that went before; not known in the preview of an update that transfers. */
  readonly transfer: TransferResult;
}

export interface TransferResult {
  readonly lastRun: LastRun;
  readonly attention: readonly Attention[];
  /** Why the transfer ended incomplete; empty where it did not. */
  readonly reason: string;
}

/** What Pulumi recorded. The outputs are those of a transfer, with `summary.identity`, as all wallets stand after the proof. */
export type KeyIdentityState = KeyIdentityInputs & Partial<TransferOutputs>;

export const transferResultOf = ({ summary, attention, receipt }: TransferOutputs): TransferResult => ({
  lastRun: summary.lastRun,
  attention,
  reason: receipt.reason ?? "",
});
