import { z } from "zod/v3";
import { schema as transferSchema, type TransferOutputs } from "../key-transfer/args";
import type { Attention, LastRun } from "../key-transfer/summary";
import { parseInputs } from "../pulumi/parse-inputs";

/** What is known of the transfer that went before. */
export interface TransferResult {
  readonly lastRun: LastRun;
  readonly attention: readonly Attention[];
  /** Why the transfer ended incomplete; empty where it did not. */
  readonly reason: string;
}

/** The arguments of the transfer, and its result: not known in the preview of an update that transfers. The survey has proofs. */
const schema = transferSchema.extend({
  transfer: z.custom<TransferResult>((result) => typeof result === "object").describe("the result of a transfer"),
});

/** The proof as a program declares it. Nothing in it is secret. */
export type KeyIdentityInputs = Readonly<z.output<typeof schema>>;

/** @throws WalletVaultError ERR_CONFIGURATION naming the argument and what is allowed */
export const requireValidInputs = (inputs: KeyIdentityInputs): unknown => parseInputs("KeyIdentity", schema, inputs);

/** What Pulumi recorded. The outputs are those of a transfer, with `summary.identity`, as all wallets stand after the proof. */
export type KeyIdentityState = KeyIdentityInputs & Partial<TransferOutputs>;

export const transferResultOf = ({ summary, attention, receipt }: TransferOutputs): TransferResult => ({
  lastRun: summary.lastRun,
  attention,
  reason: receipt.reason ?? "",
});
