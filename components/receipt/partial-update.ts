import * as pulumi from "@pulumi/pulumi";
import { runningCli } from "../pulumi/running-cli";
import type { TransferOutputs } from "../key-transfer/args";
import { type Unfinished, unfinishedOutputs } from "./unfinished-update";

type Transfer = { readonly [K in keyof TransferOutputs]: pulumi.Output<TransferOutputs[K]> };

/** Whether the CLI was told to update a part of the stack only. */
export const updatesOnlyAPart = (args = runningCli()?.args ?? []): boolean =>
  args.some((arg) => /^(--(target|target-replace|exclude)(=|$)|-t)/.test(arg));

/** What the stack's outputs say now; to be asked before an update registers its own. */
export async function recordedOutputs(revision: string): Promise<Unfinished> {
  const name = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  const found: { outputs?: Partial<Unfinished> } | undefined = await pulumi.runtime
    .invoke("pulumi:pulumi:readStackOutputs", { name })
    .catch(() => undefined);
  const { status, receipt } = found?.outputs ?? {};
  return status === undefined || receipt === undefined ? unfinishedOutputs(revision) : { status, receipt };
}

/**
 * The transfer, as an update of a part of the stack may report it. What it did in this update counts. Where it was left
 * out, Pulumi hands over what it reported once, perhaps before an update that failed: the stack then keeps the status and
 * receipt that it has.
 */
export function renewedOrRecorded(transfer: Transfer, recorded: Unfinished, since: number): Transfer {
  const { status, receipt } = transfer;
  const proof = pulumi.output({ status, receipt }).apply((now) => {
    // Not in the stack, for one that was left out of its first update.
    if (now.receipt === undefined || Date.parse(now.receipt.at) >= since) return now as Unfinished;
    pulumi.log.warn(
      `The transfer did nothing in this update of a part of the stack, which therefore proves nothing new: ` +
        `the receipt stays ${recorded.receipt.status}, of ${recorded.receipt.at}.`,
    );
    return recorded;
  });
  const { summary, attention } = transfer;
  return {
    summary,
    attention,
    status: proof.apply((outputs) => outputs.status),
    receipt: proof.apply((outputs) => outputs.receipt),
  };
}
