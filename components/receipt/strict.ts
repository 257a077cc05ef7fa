import * as pulumi from "@pulumi/pulumi";
import { attentionCounts } from "../key-transfer/summary";
import { WalletVaultError } from "../postgres/errors";
import { throwAsUserError } from "../pulumi/user-error";
import { whyNotProven } from "./is-proven";
import type { TransferOutputs } from "../key-transfer/args";

type Proof = Pick<TransferOutputs, "status" | "summary" | "receipt">;

/**
 * Fails an update whose status is neither `complete` nor accepted, also an update without changes; never a preview.
 *
 * No resource depends on this error: it ends the program only after all other work is done and the outputs are recorded.
 * If the transfer failed instead, Pulumi would keep the outputs of the update before, and the next stage of a promotion
 * would take that old receipt for a proof.
 */
export function failOnAttention(transfer: { readonly [K in keyof Proof]: pulumi.Output<Proof[K]> }): void {
  if (pulumi.runtime.isDryRun()) return;
  const { status, summary, receipt } = transfer;
  pulumi.output({ status, summary, receipt }).apply((proof) => {
    if (proof.status === undefined)
      return void pulumi.log.warn(
        "strict is set, but the transfer is not in this stack, so that nothing says how the wallets stand. Run pulumi up " +
          "without leaving it out.",
      );
    const fault = whyNotComplete(proof as Proof);
    if (fault !== undefined) throwAsUserError(fault);
  });
}

/** @returns undefined if the stack is proven; also if there are no wallets, since that is no fault of an update */
export function whyNotComplete({ status, summary, receipt }: Proof): WalletVaultError | undefined {
  const fault = whyNotProven({ receipt, outputs: { status, summary } });
  switch (fault?.kind) {
    case undefined:
    case "noWallets":
      return undefined;
    case "attention": {
      const parts = attentionCounts(summary).filter(([, wallets]) => wallets > 0);
      return new WalletVaultError(
        "ERR_ATTENTION",
        `All that can be moved is moved, but strict is set, and the status is attention: ${parts.map(([name, wallets]) => `${wallets} ${name}`).join(", ")}.`,
        "Deal with the wallets listed in the output attention, accept them with acceptAttention, or set strict to false.",
      );
    }
    case "incomplete":
      return new WalletVaultError(
        "ERR_ATTENTION",
        `What was moved stays moved, but strict is set, and the status is incomplete: ${receipt.reason}`,
        "Run the same command again; put right first what the output attention says of wallets that the database refused.",
      );
    case "unfinished":
      return new WalletVaultError(
        "ERR_ATTENTION",
        "strict is set, and the update before this one failed; this one, of a part of the stack, did not look at the wallets.",
        "Run pulumi up for the whole stack.",
      );
    default:
      return new WalletVaultError(
        "ERR_ATTENTION",
        `strict is set, and the stack's outputs prove nothing: ${fault?.why}.`,
        "Run npm run pulumi -- up --refresh, which reads the wallets anew; if it stays, report it.",
      );
  }
}
