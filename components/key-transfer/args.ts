import type { Survey } from "./survey";
import type { TransferLimits } from "./transfer-job";
import { type Wallets, walletsIn } from "./wallets";

/** What a KeyTransfer is told. Nothing in it is secret. */
export interface KeyTransferInputs extends Wallets, TransferLimits {
  /** `state:count`: wallets in attention that a person has looked at and accepts; goes into the receipt. Default: none. */
  readonly acceptAttention?: readonly string[];
  /** Digest of the program and its meaning-changing configuration; a new one means that the proof is made again. */
  readonly revision: string;
  /** How the wallets stood when the program looked; makes preview and diff speak. */
  readonly survey: Survey;
}

/** The settings that decide what a finished transfer means and proves; the others only decide how it gets there. */
export const decisiveInputs = (inputs: KeyTransferInputs): unknown => {
  const { revision, acceptAttention = [] } = inputs;
  return { ...walletsIn(inputs), revision, acceptAttention };
};
