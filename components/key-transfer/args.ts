import type { Receipt } from "../receipt/receipt";
import type { Attention, Status, Summary } from "./summary";
import type { Survey } from "./survey";
import type { TransferLimits } from "./transfer-job";
import { type Wallets, walletsIn } from "./wallets";

/** The transfer as a program declares it. Nothing in it is secret. */
export interface KeyTransferInputs extends Wallets, TransferLimits {
  /**
   * `state:count`: wallets in attention that a person has looked at and accepts. Recorded in the receipt.
   *
   * @default []
   * @example ["missingKey:12"]
   */
  readonly acceptAttention?: readonly string[];
  /** Digest of the program and of the configuration that changes its meaning. A new one means that the proof is made again. */
  readonly revision: string;
  /** The counts that the program read before it declared the transfer. Preview shows them, and a diff compares them. */
  readonly survey: Survey;
}

/** What a KeyTransfer reports; see the contract in README.md, Outputs. */
export interface TransferOutputs {
  readonly status: Status;
  readonly summary: Summary;
  readonly attention: readonly Attention[];
  readonly receipt: Receipt;
}

/** What Pulumi recorded: no outputs before the first run, and no limits where an older version wrote the state. */
export type KeyTransferState = KeyTransferInputs & Partial<TransferOutputs>;

/** The settings that decide what a finished transfer means and proves; the others only decide how it gets there. */
export const decisiveInputs = (inputs: KeyTransferInputs): unknown => {
  const { revision, acceptAttention = [] } = inputs;
  return { ...walletsIn(inputs), revision, acceptAttention };
};
