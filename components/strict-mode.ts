import * as pulumi from "@pulumi/pulumi";
import { forAPerson } from "./for-a-person";
import { states } from "./key-transfer/wallets";
import { WalletVaultError } from "./postgres/errors";
import type { Standing } from "./stack-readme";

type Proof = Pick<Standing, "status" | "summary" | "receipt">;

/**
 * Fails an update, also one without changes, whose status is neither `complete` nor accepted; a preview never.
 *
 * Nothing waits for this error: it ends the program only when all else is done and the outputs are recorded. Were it an
 * error of the transfer, Pulumi would keep the outputs of the update before, and the next stage of a promotion would take
 * that old receipt for a proof.
 */
export function failUnlessProven(transfer: { readonly [K in keyof Proof]: pulumi.Output<Proof[K]> }): void {
  if (pulumi.runtime.isDryRun()) return;
  const { status, summary, receipt } = transfer;
  pulumi.output({ status, summary, receipt }).apply((proof) => {
    const fault = whyNotPassed(proof as Proof);
    if (fault !== undefined) forAPerson(fault);
  });
}

/**
 * @param proof without its parts where the transfer is not in the stack: somebody left it out on purpose
 * @returns undefined where nothing is to be reported, or nothing that a person has not accepted
 */
export function whyNotPassed({ status, summary, receipt }: Partial<Proof>): WalletVaultError | undefined {
  if (status === undefined || summary === undefined || receipt === undefined) return undefined;
  if (status === "complete" || (status === "attention" && receipt.attentionAccepted === true)) return undefined;
  // In this order: Pulumi hands objects over with their keys sorted.
  const others = states.filter((state) => state !== "stored" && summary.states[state] > 0);
  const parts = others.map((state) => `${summary.states[state]} ${state}`);
  if (summary.flagsWrong > 0) parts.push(`${summary.flagsWrong} flags wrong`);
  const what = parts.length > 0 ? `${parts.join(", ")}.` : (receipt.reason ?? "");
  const found = `strict is set, and the status is ${status}: ${what}`;
  return status === "attention"
    ? new WalletVaultError(
        "ERR_ATTENTION",
        `All that can be moved is moved, but ${found}`,
        "Deal with the wallets listed in the output attention, accept them with acceptAttention, or set strict to false.",
      )
    : new WalletVaultError(
        "ERR_ATTENTION",
        `What was moved stays moved, but ${found}`,
        "Run the same command again; put right first what the output attention says of wallets that the database refused.",
      );
}
